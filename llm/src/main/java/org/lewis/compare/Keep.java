package org.lewis.compare;

/// Which merged models stay on the disk.
public enum Keep {
    ALL,
    /// The best one by the [Criterion].
    BEST,
    NONE
}
