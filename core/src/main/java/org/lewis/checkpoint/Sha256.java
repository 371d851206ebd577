package org.lewis.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256, in hexadecimal where nothing else is said.
public final class Sha256 {

    /// Something that writes bytes.
    @FunctionalInterface
    public interface Content {

        void writeTo(OutputStream target) throws IOException;
    }

    private Sha256() {}

    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(bytes(bytes));
    }

    /// The 32 bytes themselves.
    public static byte[] bytes(byte[] bytes) {
        return digest().digest(bytes);
    }

    /// Of what is written, which need not be held.
    public static String of(Content content) throws IOException {
        try (DigestOutputStream target = new DigestOutputStream(OutputStream.nullOutputStream(), digest())) {
            content.writeTo(target);
            return HexFormat.of().formatHex(target.getMessageDigest().digest());
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
