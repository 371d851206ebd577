package org.lewis.cli;

import java.util.Optional;

/// A bar whose total is known only when the first step is done.
final class LateProgress implements AutoCloseable {

    private final Console console;
    private final String label;
    private final String unit;
    private Optional<Progress> bar = Optional.empty();

    /// @param unit what is counted, as for [Console#progress]
    LateProgress(Console console, String label, String unit) {
        this.console = console;
        this.label = label;
        this.unit = unit;
    }

    synchronized void to(long done, long total) {
        if (bar.isEmpty()) {
            bar = Optional.of(console.progress(label, total, unit));
        }
        bar.get().to(done);
    }

    @Override
    public synchronized void close() {
        bar.ifPresent(Progress::close);
    }
}
