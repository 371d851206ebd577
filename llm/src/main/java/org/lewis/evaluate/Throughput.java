package org.lewis.evaluate;

/// Tokens that passed a model, and the time they took. What an earlier run had finished does not count.
///
/// @param promptTokens read, padding aside
/// @param newTokens    generated
public record Throughput(long promptTokens, double promptSeconds, long newTokens, double generationSeconds) {

    /// Nothing yet.
    public static final Throughput NONE = new Throughput(0, 0, 0, 0);

    public Throughput plus(Throughput other) {
        return new Throughput(
                promptTokens + other.promptTokens,
                promptSeconds + other.promptSeconds,
                newTokens + other.newTokens,
                generationSeconds + other.generationSeconds);
    }

    /// Per second; 0 when nothing was read.
    public double promptRate() {
        return promptTokens == 0 ? 0 : promptTokens / promptSeconds;
    }

    /// Per second, all prompts of a batch together; 0 when nothing was generated.
    public double generationRate() {
        return newTokens == 0 ? 0 : newTokens / generationSeconds;
    }
}
