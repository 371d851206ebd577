package org.lewis.model;

import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the layer out of a tensor's name: the first part that is a number, as in `model.layers.3.mlp.up_proj.weight`.
public final class TensorNames {

    private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(\\d{1,6})\\.");

    private static final Pattern INPUTS = Pattern.compile("embed(?!_out)|(^|\\.)(wte|wpe)\\.");

    private static final Pattern TOKENS =
            Pattern.compile("(^|\\.)(embed_tokens|wte|word_embeddings|embed_in|tok_embeddings|shared)\\.weight");

    private static final Pattern HEAD = Pattern.compile("(^|\\.)(lm_head|embed_out|output)\\.(weight|bias)");

    private static final Pattern END = Pattern.compile("\\.weight$");

    private TensorNames() {}

    /// Empty for tensors outside the layers.
    public static Optional<Integer> layer(String tensor) {
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    }

    /// What the tensor is in its layer, such as `mlp.up_proj` or `self_attn.q_proj.bias`; the last two parts of the
    /// name outside the layers, such as `embed_tokens`.
    public static String component(String tensor) {
        Matcher matcher = LAYER.matcher(tensor);
        String end = matcher.find() ? tensor.substring(matcher.end()) : lastParts(tensor);
        return END.matcher(end).replaceFirst("");
    }

    /// The same name in another layer.
    public static String inLayer(String tensor, int layer) {
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.find()
                ? tensor.substring(0, matcher.start(1)) + layer + tensor.substring(matcher.end(1))
                : tensor;
    }

    /// Whether the tensor stands before the layers, as tables of tokens and positions do; all others stand after them.
    public static boolean isInput(String tensor) {
        return INPUTS.matcher(tensor).find();
    }

    /// Whether the tensor has a row for each token, looked up where text comes in.
    public static boolean isTokenTable(String tensor) {
        return layer(tensor).isEmpty() && TOKENS.matcher(tensor).find();
    }

    /// Whether the tensor has a row for each token, at either end of the model.
    public static boolean hasRowsOfTokens(String tensor) {
        return isTokenTable(tensor)
                || layer(tensor).isEmpty() && HEAD.matcher(tensor).find();
    }

    /// One more than the highest layer.
    public static int layers(Collection<String> tensors) {
        return tensors.stream()
                .flatMap(tensor -> layer(tensor).stream())
                .mapToInt(layer -> layer + 1)
                .max()
                .orElse(0);
    }

    private static String lastParts(String tensor) {
        int last = tensor.lastIndexOf('.');
        return tensor.substring(tensor.lastIndexOf('.', last - 1) + 1);
    }
}
