package org.lewis.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The problems of a task as token ids. Models that read alike share them.
///
/// @param sequences prompts; or for decisions, prompt and choice, choice by choice; or windows of passages
/// @param problems  of each sequence, the problem that it belongs to
/// @param given     of each sequence, how many tokens the model is given
/// @param truncated how many lost their beginning
record Reading(List<int[]> sequences, List<Integer> problems, List<Integer> given, int truncated) {

    /// How many tokens of a sequence are to be predicted.
    int predicted(int sequence) {
        return Math.max(0, sequences.get(sequence).length - Math.max(1, given.get(sequence)));
    }

    /// @param room tokens that must be left for an answer
    static Reading prompts(List<Problem.Question> questions, Subject subject, int room) {
        Builder builder = new Builder(subject.longest() - room);
        for (Problem.Question question : questions) {
            int[] ids = subject.encode(question.prompt());
            builder.add(builder.next++, ids, ids.length);
        }
        return builder.build();
    }

    /// Prompts and targets.
    static Reading targets(List<Problem.Question> questions, Subject subject) {
        Builder builder = new Builder(subject.longest());
        for (Problem.Question question : questions) {
            builder.add(
                    builder.next++,
                    subject.encode(question.prompt(), question.target()),
                    subject.encode(question.prompt()).length);
        }
        return builder.build();
    }

    /// Prompts and choices. Blanks between the two belong to the choice, as they do where the text is cut into tokens.
    static Reading choices(List<Problem.Decision> decisions, Subject subject) {
        Builder builder = new Builder(subject.longest());
        for (Problem.Decision decision : decisions) {
            String prompt = decision.prompt().stripTrailing();
            int given = subject.encode(prompt).length;
            for (String choice : decision.choices()) {
                builder.add(builder.next, subject.encode(decision.prompt(), choice), given);
            }
            builder.next++;
        }
        return builder.build();
    }

    /// Tokens of a window: those that the task asks for, as far as the model can read them.
    static int window(Subject subject, Task.Prediction form) {
        return Math.min(form.window(), subject.longest());
    }

    /// Windows of passages.
    static Reading windows(List<Problem.Passage> passages, Subject subject, Task.Prediction form) {
        int window = window(subject, form);
        Builder builder = new Builder(window);
        for (Problem.Passage passage : passages) {
            int[] ids = subject.encodeText(passage.text());
            for (Passages.Window part : Passages.windows(ids.length, window, Math.min(form.stride(), window))) {
                builder.add(builder.next, Arrays.copyOfRange(ids, part.from(), part.to()), part.given());
            }
            builder.next++;
        }
        return builder.build();
    }

    /// Cuts what is too long at the front.
    private static final class Builder {

        private final int longest;
        private final List<int[]> sequences = new ArrayList<>();
        private final List<Integer> problems = new ArrayList<>();
        private final List<Integer> given = new ArrayList<>();
        private int truncated;
        private int next; // problem

        Builder(int longest) {
            this.longest = longest;
        }

        void add(int problem, int[] ids, int givenTokens) {
            int cut = Math.max(0, ids.length - Math.max(1, longest));
            truncated += cut > 0 ? 1 : 0;
            problems.add(problem);
            sequences.add(Arrays.copyOfRange(ids, cut, ids.length));
            given.add(Math.max(0, givenTokens - cut));
        }

        Reading build() {
            return new Reading(List.copyOf(sequences), List.copyOf(problems), List.copyOf(given), truncated);
        }
    }
}
