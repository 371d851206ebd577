package org.lewis.evaluate;

import java.io.IOException;
import java.util.List;

/// The log-probabilities that a model gives to tokens, one sequence after the other.
final class Likelihoods {

    /// Gets what the model thinks of a sequence.
    @FunctionalInterface
    interface Receiver {

        /// @param logProbabilities of each token after the first
        void accept(int sequence, float[] logProbabilities) throws IOException;
    }

    private final Subject subject;
    private Throughput throughput = Throughput.NONE;

    Likelihoods(Subject subject) {
        this.subject = subject;
    }

    /// Runs sequences of one token or more; one alone predicts nothing and gives an empty array.
    void of(List<int[]> sequences, Receiver receiver) throws IOException {
        for (int i = 0; i < sequences.size(); i++) {
            int[] ids = sequences.get(i);
            long start = System.nanoTime();
            float[] logs = ids.length < 2 ? new float[0] : subject.model().logProbabilities(ids);
            throughput = throughput.plus(new Throughput(ids.length, (System.nanoTime() - start) / 1e9, 0, 0));
            receiver.accept(i, logs);
        }
    }

    Throughput throughput() {
        return throughput;
    }
}
