package org.lewis.evaluate;

/// How tasks are run.
///
/// @param limit at most so many rows of each task, from the first on
/// @param seed  of sampled answers
/// @param batch at most so many prompts are continued together; answers do not depend on it but for rounding
public record EvaluationOptions(int limit, long seed, int batch) {

    private static final int DEFAULT_BATCH = 64;

    /// All rows, seed 0, batches of 64.
    public static final EvaluationOptions STANDARD = new EvaluationOptions(Integer.MAX_VALUE, 0, DEFAULT_BATCH);

    public EvaluationOptions {
        if (!(limit >= 1 && batch >= 1)) {
            throw new IllegalArgumentException("limit and batch must be at least 1, found " + limit + " and " + batch);
        }
    }

    public EvaluationOptions withLimit(int rows) {
        return new EvaluationOptions(rows, seed, batch);
    }

    public EvaluationOptions withBatch(int prompts) {
        return new EvaluationOptions(limit, seed, prompts);
    }
}
