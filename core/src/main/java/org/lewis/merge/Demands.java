package org.lewis.merge;

/// What a method asks of the models it is given.
///
/// @param base        what becomes of the recipe's base
/// @param leastModels how many models there have to be, the base not counted unless it is one of them
/// @param mostModels  how many there may be
public record Demands(Base base, int leastModels, int mostModels) {

    public enum Base {
        /// Only gives config and tokenizer; listed among the models it is one of them.
        UNUSED,
        /// Makes the method one of task vectors where the recipe names it.
        OPTIONAL,
        /// Must be named: the method works on differences to it.
        REQUIRED,
        /// The first of the models, listed or not.
        FIRST_MODEL,
        /// One of the models, listed or not.
        MODEL
    }

    static Demands models(int least, int most) {
        return new Demands(Base.UNUSED, least, most);
    }

    static Demands base(int least, int most) {
        return new Demands(Base.REQUIRED, least, most);
    }

    static Demands any() {
        return models(1, Integer.MAX_VALUE);
    }

    static Demands anyWithBase() {
        return base(1, Integer.MAX_VALUE);
    }

    public boolean allows(int models) {
        return models >= leastModels && models <= mostModels;
    }

    /// The number of models in words: `at least two models beside the base`.
    public String inWords() {
        String number = leastModels == mostModels ? "exactly " + word(leastModels) : "at least " + word(leastModels);
        String models = leastModels == 1 ? " model" : " models";
        return number
                + models
                + switch (base) {
                    case UNUSED -> "";
                    case OPTIONAL -> ", a base not counted";
                    case REQUIRED -> " beside the base";
                    case FIRST_MODEL, MODEL -> ", the base counted";
                };
    }

    private static String word(int number) {
        return switch (number) {
            case 1 -> "one";
            case 2 -> "two";
            default -> String.valueOf(number);
        };
    }
}
