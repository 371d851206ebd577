package org.lewis.cli;

import java.io.PrintStream;

/// What a command talks to: results go to `out`, words to `err`, and progress to `err` in the style asked for.
record Console(PrintStream out, PrintStream err, Progress.Style style) {

    /// A bar from 0 to `total`, to be closed when the work ends, well or badly.
    ///
    /// @param label what is done: `merging`
    /// @param unit  what is counted: `tokens`; bytes, under [Progress#BYTES], are scaled
    Progress progress(String label, long total, String unit) {
        return new Progress(err, style, label, total, unit, System::nanoTime);
    }

    /// Text that stands out, where standard output is a terminal.
    String strong(String text) {
        return Boolean.getBoolean("lewis.terminal.out") ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /// A sentence about what happens, which `--quiet` silences.
    void note(String sentence) {
        if (style != Progress.Style.NONE) {
            err.println(sentence);
        }
    }
}
