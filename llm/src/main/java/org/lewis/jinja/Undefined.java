package org.lewis.jinja;

/// What a name stands for that nobody has set: false, empty when printed, and nothing else.
///
/// @param name for messages
record Undefined(String name) {}
