package org.lewis.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.lewis.kernel.Draws;

/// Corpus BLEU of 4-grams as sacrebleu computes it with its defaults: tokens of `mteval-v13a`, exponential smoothing,
/// case matters. Statistics of segments add up to those of the corpus.
///
/// @param correct n-grams that a reference has too, for n from 1 to 4, each counted no more often than there
/// @param total   n-grams of the hypothesis
/// @param length  tokens of the hypothesis
/// @param reference tokens of the reference of the closest length
/// @see <a href="https://aclanthology.org/P02-1040">Papineni et al. 2002</a>
/// @see <a href="https://aclanthology.org/W18-6319">Post 2018</a>
public record Bleu(long[] correct, long[] total, long length, long reference) {

    private static final int ORDER = 4;

    /// Replacements in the order of `mteval-v13a.pl`.
    private static final List<Map.Entry<Pattern, String>> TOKENS = List.of(
            Map.entry(Pattern.compile("([{-~\\[-` -&(-+:-@/])"), " $1 "),
            Map.entry(Pattern.compile("([^0-9])([.,])"), "$1 $2 "),
            Map.entry(Pattern.compile("([.,])([^0-9])"), " $1 $2"),
            Map.entry(Pattern.compile("([0-9])(-)"), "$1 $2 "));

    private static final Pattern BLANKS = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /// Nothing yet.
    public static Bleu zero() {
        return new Bleu(new long[ORDER], new long[ORDER], 0, 0);
    }

    /// The statistics of one segment.
    ///
    /// @param references at least one
    public static Bleu of(String hypothesis, List<String> references) {
        List<String> tokens = tokens(hypothesis);
        List<List<String>> others = references.stream().map(Bleu::tokens).toList();
        long[] correct = new long[ORDER];
        long[] total = new long[ORDER];
        for (int n = 1; n <= ORDER; n++) {
            Map<List<String>, Integer> most = new HashMap<>();
            for (List<String> other : others) {
                grams(other, n).forEach((gram, count) -> most.merge(gram, count, Math::max));
            }
            for (Map.Entry<List<String>, Integer> gram : grams(tokens, n).entrySet()) {
                correct[n - 1] += Math.min(gram.getValue(), most.getOrDefault(gram.getKey(), 0));
                total[n - 1] += gram.getValue();
            }
        }
        return new Bleu(correct, total, tokens.size(), closest(tokens.size(), others));
    }

    public Bleu plus(Bleu other) {
        long[] sumCorrect = correct.clone();
        long[] sumTotal = total.clone();
        for (int n = 0; n < ORDER; n++) {
            sumCorrect[n] += other.correct[n];
            sumTotal[n] += other.total[n];
        }
        return new Bleu(sumCorrect, sumTotal, length + other.length, reference + other.reference);
    }

    /// From 0 to 100.
    public double score() {
        if (Arrays.stream(correct).allMatch(count -> count == 0)) {
            return 0;
        }
        double logs = 0;
        for (int n = 1; n <= ORDER; n++) {
            double precision = precision(n);
            if (precision == 0) {
                return 0;
            }
            logs += Math.log(precision);
        }
        return brevityPenalty() * Math.exp(logs / ORDER);
    }

    /// 1, or less when the hypotheses are shorter than the references.
    public double brevityPenalty() {
        if (length >= reference) {
            return 1;
        }
        return length == 0 ? 0 : Math.exp(1 - (double) reference / length);
    }

    /// Percent of the hypotheses' n-grams that are correct. Each order without one counts half as much as the one
    /// before that had none.
    ///
    /// @param n from 1 to 4
    public double precision(int n) {
        if (Arrays.stream(correct).allMatch(count -> count == 0)) {
            return 0;
        }
        double smoothing = 1;
        for (int order = 1; order < n; order++) {
            smoothing *= correct[order - 1] == 0 ? 2 : 1;
        }
        if (total[n - 1] == 0) {
            return 0;
        }
        return correct[n - 1] == 0 ? 100 / (2 * smoothing * total[n - 1]) : 100.0 * correct[n - 1] / total[n - 1];
    }

    /// Tokens of `mteval-v13a`.
    static List<String> tokens(String segment) {
        String line = segment.stripTrailing()
                .replace("<skipped>", "")
                .replace("-\n", "")
                .replace("\n", " ")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
        line = " " + line + " ";
        for (Map.Entry<Pattern, String> rule : TOKENS) {
            line = rule.getKey().matcher(line).replaceAll(rule.getValue());
        }
        return Arrays.stream(BLANKS.split(line))
                .filter(token -> !token.isEmpty())
                .toList();
    }

    private static Map<List<String>, Integer> grams(List<String> tokens, int n) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= tokens.size(); i++) {
            counts.merge(tokens.subList(i, i + n), 1, Integer::sum);
        }
        return counts;
    }

    /// Of two references as close the shorter.
    private static int closest(int length, List<List<String>> references) {
        int best = references.getFirst().size();
        for (List<String> reference : references) {
            int size = reference.size();
            int gain = Math.abs(best - length) - Math.abs(size - length);
            best = gain > 0 || gain == 0 && size < best ? size : best;
        }
        return best;
    }

    /// Scores answers against their targets as one corpus.
    record Corpus() implements Scorer {

        /// Corpora drawn from the answers, with replacement, whose deviation is the standard error.
        private static final int RESAMPLES = 1000;

        @Override
        public Verdict judge(List<Answer> answers) {
            List<Map<String, Object>> details = new ArrayList<>();
            List<Bleu> segments = new ArrayList<>();
            for (Answer answer : answers) {
                Bleu segment = of(answer.generation().strip(), List.of(answer.target()));
                segments.add(segment);
                Map<String, Object> detail = new LinkedHashMap<>();
                detail.put("correct", Arrays.stream(segment.correct).boxed().toList());
                detail.put("total", Arrays.stream(segment.total).boxed().toList());
                detail.put("reference_length", segment.reference);
                details.add(detail);
            }
            List<Bleu> resampled = resampled(segments);
            return new Verdict(
                    details,
                    List.of(
                            score("bleu", segments, resampled, Bleu::score),
                            score("precision_4", segments, resampled, corpus -> corpus.precision(ORDER)),
                            score("brevity_penalty", segments, resampled, Bleu::brevityPenalty)));
        }

        /// The standard error is the deviation over corpora drawn from the segments.
        private static Score score(
                String metric, List<Bleu> segments, List<Bleu> resampled, ToDoubleFunction<Bleu> number) {
            double value = number.applyAsDouble(sum(segments));
            double mean = resampled.stream().mapToDouble(number).average().orElseThrow();
            double squares = resampled.stream()
                    .mapToDouble(number)
                    .map(score -> (score - mean) * (score - mean))
                    .sum();
            double error = segments.size() == 1 ? Double.NaN : Math.sqrt(squares / (RESAMPLES - 1));
            return new Score(metric, value, error, segments.size());
        }

        private static List<Bleu> resampled(List<Bleu> segments) {
            int count = segments.size();
            int[] draws = new int[count];
            List<Bleu> corpora = new ArrayList<>();
            long key = Draws.key(0, "bleu", "bootstrap");
            for (int resample = 0; resample < RESAMPLES; resample++) {
                Draws.draw(key, (long) resample * count, draws, count);
                corpora.add(sum(Arrays.stream(draws)
                        .mapToObj(draw -> segments.get((int) (Integer.toUnsignedLong(draw) * count >>> 32)))
                        .toList()));
            }
            return corpora;
        }

        private static Bleu sum(List<Bleu> segments) {
            return segments.stream().reduce(zero(), Bleu::plus);
        }
    }
}
