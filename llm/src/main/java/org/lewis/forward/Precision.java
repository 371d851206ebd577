package org.lewis.forward;

import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;

/// The dtype a model computes in. Softmax, norms' statistics and logits are float32 in either.
public enum Precision {
    FLOAT32(Dtype.F32, ScalarType.Float),
    /// Half the memory; several times as fast where the processor multiplies bfloat16.
    BFLOAT16(Dtype.BF16, ScalarType.BFloat16);

    private final Dtype dtype;
    private final ScalarType scalarType;

    Precision(Dtype dtype, ScalarType scalarType) {
        this.dtype = dtype;
        this.scalarType = scalarType;
    }

    /// The one that most of a model's elements can be used in without a copy; float32 unless that is bfloat16.
    public static Precision of(ReadableModel model) {
        Map<Boolean, Long> elements = model.tensors().values().stream()
                .collect(java.util.stream.Collectors.partitioningBy(
                        tensor -> tensor.dtype() == Dtype.BF16,
                        java.util.stream.Collectors.summingLong(ReadableTensor::elements)));
        return elements.get(true) > elements.get(false) ? BFLOAT16 : FLOAT32;
    }

    /// The name in commands and files.
    public String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// The same in the checkpoint's words.
    public Dtype dtype() {
        return dtype;
    }

    ScalarType scalarType() {
        return scalarType;
    }
}
