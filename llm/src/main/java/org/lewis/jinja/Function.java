package org.lewis.jinja;

import java.util.List;
import java.util.Map;

/// Something that a template can call.
@FunctionalInterface
public interface Function {

    /// @param arguments in their order
    /// @param named     by their names
    Object call(List<Object> arguments, Map<String, Object> named);
}
