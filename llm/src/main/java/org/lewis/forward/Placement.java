package org.lewis.forward;

import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How a model's tensors are made: of which type, and in whose memory. Whatever goes from Java to a device goes through
/// here, and comes back through [Tensors].
record Placement(ScalarType type, DeviceType device) {

    static Placement of(Precision precision, Device device) {
        return new Placement(precision.scalarType(), device.type());
    }

    /// A tensor of the same type on the device; the very tensor when it is there.
    Tensor place(Tensor tensor) {
        return tensor.to(library(), tensor.scalar_type());
    }

    /// A tensor of the model's type on the device; the very tensor when it is such.
    Tensor convert(Tensor tensor) {
        return tensor.to(library(), type);
    }

    /// What so many numbers of the model's type take.
    long bytes(long elements) {
        return elements * (type == ScalarType.Float ? Float.BYTES : Short.BYTES);
    }

    /// For tensors that are made on the device.
    TensorOptions options(ScalarType ofType) {
        return new TensorOptions(ofType).device(new DeviceOptional(library()));
    }

    private org.bytedeco.pytorch.Device library() {
        return new org.bytedeco.pytorch.Device(device);
    }
}
