package org.lewis.calibrate;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.lewis.checkpoint.Sha256;

/// Token ids to calibrate with, and where they come from.
///
/// @param sequences each runs on its own; nothing is padded
/// @param textHash  [#hash] of the texts; empty when there were ids only
/// @param template  how rows of data became text; empty likewise
/// @param seed      which chose the rows; empty likewise
public record CalibrationText(List<int[]> sequences, String textHash, String template, String seed) {

    public CalibrationText {
        sequences = List.copyOf(sequences);
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("no sequences");
        }
    }

    /// Ids of unknown origin.
    public static CalibrationText of(List<int[]> sequences) {
        return new CalibrationText(sequences, "", "", "");
    }

    public static CalibrationText of(List<int[]> sequences, List<String> texts, String template, long seed) {
        return new CalibrationText(
                sequences,
                hash(texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8))),
                template,
                Long.toString(seed));
    }

    /// Tokens of all sequences.
    public long tokens() {
        return sequences.stream().mapToLong(ids -> ids.length).sum();
    }

    /// [#hash] of the sequences, each as 32-bit numbers in little endian.
    public String idsHash() {
        return hash(sequences.stream().map(ids -> {
            ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ids);
            return bytes.array();
        }));
    }

    /// The sum of the parts' SHA-256 modulo 2^256, so that hashes of parts add up to the hash of the whole in any
    /// order.
    static String hash(Stream<byte[]> parts) {
        return text(parts.map(Sha256::bytes)
                .map(bytes -> new BigInteger(1, bytes))
                .reduce(BigInteger.ZERO, BigInteger::add));
    }

    /// The hash of all parts of both.
    static String sum(String hash, String other) {
        return text(new BigInteger(hash, 16).add(new BigInteger(other, 16)));
    }

    private static String text(BigInteger sum) {
        return String.format("%064x", sum.mod(BigInteger.ONE.shiftLeft(256)));
    }
}
