package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.lewis.document.Node;
import org.lewis.merge.Parameter;

/// The value of a parameter as a recipe gives it: it may depend on the depth of a layer and on a tensor's name.
sealed interface ParameterValue {

    /// The value for one tensor.
    ///
    /// @param depth 0 for the first layer of a slice, 1 for the last
    /// @return empty when no filter matches
    OptionalDouble at(String tensor, double depth);

    record Constant(double value) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            return OptionalDouble.of(value);
        }
    }

    /// Interpolates linearly between values that lie evenly over the depth.
    record Gradient(List<Double> values) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            double position = depth * (values.size() - 1);
            int left = (int) Math.clamp((long) Math.floor(position), 0, values.size() - 1);
            int right = Math.min(left + 1, values.size() - 1);
            double share = position - left;
            return OptionalDouble.of(values.get(left) * (1 - share) + values.get(right) * share);
        }
    }

    /// Takes the value whose part of the depth it is; for flags, between which there is nothing.
    record Steps(List<Double> values) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            return OptionalDouble.of(values.get((int) (depth * (values.size() - 1))));
        }
    }

    /// The first case whose filter is part of the tensor's name.
    record Conditional(List<Case> cases) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            return cases.stream()
                    .filter(one -> one.matches(tensor))
                    .findFirst()
                    .map(one -> one.value().at(tensor, depth))
                    .orElse(OptionalDouble.empty());
        }
    }

    /// @param filter `*` matches every name, anything else those that contain it
    record Case(String filter, ParameterValue value) {
        boolean matches(String tensor) {
            return filter.equals("*") || tensor.contains(filter);
        }
    }

    /// A value of its own for some tensors, and one for all others.
    record ByTensor(Map<String, Double> values, double others) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            return OptionalDouble.of(values.getOrDefault(tensor, others));
        }
    }

    /// A value of its own for some tensors.
    record OfSome(Map<String, Double> values) implements ParameterValue {
        @Override
        public OptionalDouble at(String tensor, double depth) {
            Double value = values.get(tensor);
            return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
        }
    }

    static ParameterValue parse(Parameter parameter, Node node) {
        if (node.isMapping()) {
            return new Conditional(List.of(conditional(parameter, node)));
        }
        if (!node.isSequence()) {
            return new Constant(scalar(parameter, node));
        }
        List<Node> elements = node.sequence();
        if (elements.isEmpty()) {
            throw node.expected(parameter.range() + ", or a list of them");
        }
        if (!elements.getFirst().isMapping()) {
            List<Double> values = new ArrayList<>();
            elements.forEach(element -> values.add(scalar(parameter, element)));
            return switch (parameter.kind()) {
                case NUMBER -> new Gradient(values);
                case FLAG -> new Steps(values);
            };
        }
        List<Case> cases = new ArrayList<>();
        elements.forEach(element -> cases.add(conditional(parameter, element)));
        return new Conditional(cases);
    }

    private static Case conditional(Parameter parameter, Node node) {
        node.allowing("filter", "value");
        return new Case(node.find("filter").map(Node::text).orElse("*"), parse(parameter, node.get("value")));
    }

    private static double scalar(Parameter parameter, Node node) {
        OptionalDouble number = Scalars.number(node);
        double value = switch (parameter.kind()) {
            case FLAG -> Scalars.flag(node).map(flag -> flag ? 1.0 : 0.0).orElseGet(() -> number.orElse(Double.NaN));
            case NUMBER -> number.orElse(Double.NaN);
        };
        if (!parameter.allowed().test(value)) {
            throw node.expected(parameter.expectedInPlaceOf(value));
        }
        return value;
    }
}
