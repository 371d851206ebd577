package org.lewis.evaluate;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a model said, and what it is held against.
///
/// @param problem counts from 0
/// @param sample  which of the answers to the problem, from 0
/// @param prompt  empty when only the answer was kept
/// @param target  empty when only tests decide
/// @param before  what of a program stands before the answer
/// @param after   its tests
record Answer(int problem, int sample, String prompt, String target, String before, String after, String generation) {

    /// A row of the file of samples, from which `lewis score` can score again.
    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("problem", problem);
        members.put("sample", sample);
        members.put("prompt", prompt);
        if (!target.isEmpty()) {
            members.put("target", target);
        }
        if (!before.isEmpty()) {
            members.put("before", before);
        }
        if (!after.isEmpty()) {
            members.put("tests", after);
        }
        members.put("generation", generation);
        return members;
    }
}
