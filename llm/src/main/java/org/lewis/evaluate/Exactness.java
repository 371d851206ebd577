package org.lewis.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/// Scores answers by equality with the target, blanks around both aside.
record Exactness(Task.ExactMatch match) implements Scorer {

    /// Python's `string.punctuation`, which lm-evaluation-harness removes.
    private static final String PUNCTUATION = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]";

    @Override
    public Verdict judge(List<Answer> answers) {
        List<Map<String, Object>> details = new ArrayList<>();
        double[] matches = new double[answers.size()];
        for (int i = 0; i < matches.length; i++) {
            String extracted = extracted(answers.get(i).generation()).orElse("");
            String target = answers.get(i).target();
            matches[i] = bare(extracted).equals(bare(extracted(target).orElse(target))) ? 1 : 0;
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("extracted", extracted);
            detail.put("exact_match", (int) matches[i]);
            details.add(detail);
        }
        return new Verdict(details, List.of(Scorer.mean("exact_match", answers, matches)));
    }

    /// What the last match of the pattern captured, or all when there is no pattern; empty when it is nowhere.
    private Optional<String> extracted(String text) {
        if (match.extract().isEmpty()) {
            return Optional.of(text);
        }
        Optional<String> last = Optional.empty();
        Matcher matcher = match.extract().get().matcher(text);
        while (matcher.find()) {
            boolean captured = matcher.groupCount() > 0 && matcher.group(1) != null;
            last = Optional.of(captured ? matcher.group(1) : matcher.group());
        }
        return last;
    }

    private String bare(String text) {
        String bare = match.ignoreCase() ? text.toLowerCase(Locale.ROOT) : text;
        return (match.ignorePunctuation() ? bare.replaceAll(PUNCTUATION, "") : bare).strip();
    }
}
