package org.lewis.cli;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.lewis.compare.Comparison;
import org.lewis.compare.ScoredRow;

/// Says which model is at work, with a bar for each of its texts and tasks.
final class ComparisonProgress implements Comparison.Listener, AutoCloseable {

    private final Console console;
    private final Set<String> told = new HashSet<>();
    private Optional<EvaluationProgress> bar = Optional.empty();

    ComparisonProgress(Console console) {
        this.console = console;
    }

    @Override
    public void begins(String row) {
        console.note(row);
        bar = Optional.of(new EvaluationProgress(console, row));
    }

    @Override
    public void evaluated(String row, String task, int samples, int ofSamples) {
        bar.ifPresent(progress -> progress.done(task, samples, ofSamples));
    }

    @Override
    public void finished(ScoredRow row) {
        close();
        if (row.reused()) {
            console.note(row.name() + ": the results of an earlier comparison are reused");
        }
        row.failure().ifPresent(failure -> console.note(row.name() + " failed: " + failure));
    }

    @Override
    public void note(String note) {
        if (told.add(note)) {
            console.note("note: " + note);
        }
    }

    @Override
    public void close() {
        bar.ifPresent(EvaluationProgress::close);
        bar = Optional.empty();
    }
}
