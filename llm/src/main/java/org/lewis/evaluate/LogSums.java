package org.lewis.evaluate;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.lewis.document.Node;
import org.lewis.forward.LanguageModel;

/// What a model thinks of sequences.
///
/// @param logs of each, the sum of the log-probabilities of the tokens that were not given; 0 where there are none
record LogSums(double[] logs, Throughput throughput) {

    /// Batches are the same whatever an earlier run has finished, so that going on changes no number.
    ///
    /// @param rows     at most so many sequences run together
    /// @param listener hears how many are done
    static LogSums of(LanguageModel model, Reading reading, int rows, SampleJournal journal, IntConsumer listener)
            throws IOException {
        return new Run(model, reading, journal, listener).of(rows);
    }

    private static final class Run {

        private final LanguageModel model;
        private final Reading reading;
        private final SampleJournal journal;
        private final IntConsumer listener;
        private final double[] logs;
        private Throughput throughput = Throughput.NONE;
        private int done;
        private long start;

        Run(LanguageModel model, Reading reading, SampleJournal journal, IntConsumer listener) {
            this.model = model;
            this.reading = reading;
            this.journal = journal;
            this.listener = listener;
            this.logs = new double[reading.sequences().size()];
        }

        LogSums of(int rows) throws IOException {
            List<Integer> predicting = IntStream.range(0, logs.length)
                    .filter(i -> reading.sequences().get(i).length > 1)
                    .boxed()
                    .toList();
            List<List<Integer>> open =
                    model
                            .batches(
                                    predicting.stream()
                                            .map(reading.sequences()::get)
                                            .toList(),
                                    rows)
                            .stream()
                            .map(batch -> batch.stream().map(predicting::get).toList())
                            .filter(batch -> !isFinished(batch))
                            .toList();
            done = logs.length - open.stream().mapToInt(List::size).sum();
            listener.accept(done);
            start = System.nanoTime();
            model.logProbabilities(
                    open.stream()
                            .map(batch ->
                                    batch.stream().map(reading.sequences()::get).toList())
                            .toList(),
                    (at, found) -> take(open.get(at), found));
            return new LogSums(logs, throughput);
        }

        private boolean isFinished(List<Integer> batch) {
            for (int i : batch) {
                Optional<Node> line = journal.find(Integer.toString(i));
                if (line.isEmpty()) {
                    return false;
                }
                logs[i] = line.get().get("log").number();
            }
            return true;
        }

        private void take(List<Integer> batch, List<float[]> found) throws IOException {
            long tokens = 0;
            for (int row = 0; row < batch.size(); row++) {
                int i = batch.get(row);
                logs[i] = 0;
                for (int t = Math.max(1, reading.given().get(i)) - 1; t < found.get(row).length; t++) {
                    logs[i] += found.get(row)[t];
                }
                tokens += reading.sequences().get(i).length;
                journal.add(Integer.toString(i), Map.of("log", logs[i]));
            }
            long now = System.nanoTime();
            throughput = throughput.plus(new Throughput(tokens, (now - start) / 1e9, 0, 0));
            start = now;
            done += batch.size();
            listener.accept(done);
        }
    }
}
