package org.lewis.jinja;

/// A template that cannot be read or rendered, or that refuses what it was given.
public final class JinjaException extends RuntimeException {

    private static final long serialVersionUID = 1;

    JinjaException(String message) {
        super(message);
    }
}
