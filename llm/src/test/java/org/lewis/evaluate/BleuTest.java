package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BleuTest {

    private static Bleu corpus(List<String> hypotheses, List<List<String>> references) {
        Bleu corpus = Bleu.zero();
        for (int i = 0; i < hypotheses.size(); i++) {
            corpus = corpus.plus(Bleu.of(hypotheses.get(i), references.get(i)));
        }
        return corpus;
    }

    /// `BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)`.
    @Test
    void theExampleOfSacrebleusPageComesOut() {
        Bleu bleu = corpus(
                List.of("The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."),
                List.of(
                        List.of("The dog bit the man.", "The dog had bit the man."),
                        List.of("It was not unexpected.", "No one was surprised."),
                        List.of("The man bit him first.", "The man had bitten the dog.")));

        assertThat(bleu.score()).isCloseTo(48.53, within(0.005));
        assertThat(bleu.precision(1)).isCloseTo(82.4, within(0.05));
        assertThat(bleu.precision(2)).isEqualTo(50);
        assertThat(bleu.precision(3)).isCloseTo(45.5, within(0.05));
        assertThat(bleu.precision(4)).isEqualTo(37.5);
        assertThat(bleu.brevityPenalty()).isCloseTo(0.943, within(0.0005));
        assertThat(bleu.length()).isEqualTo(17);
        assertThat(bleu.reference()).isEqualTo(18);
    }

    /// Expectations are sacrebleu's 2.6.0.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        df.groupby('a').mean() | df.groupby('a').sum() | 70.71067811865478 | 57.142857142857146
        sorted(d.items(), key=lambda x: x[1]) | sorted(d.items(), key=lambda kv: kv[1]) | 72.76817202342096 | 60.0
        print(x) | os.path.join(a, b) | 4.238556455648295 | 12.5
        the cat sat on the mat | the cat is sitting on the mat | 32.159351091190125 | 16.666666666666668
        the the the the the the the | the cat is on the mat | 7.809849842300637 | 3.125
        A short one. | A short one, but the reference is longer. | 14.256747717620575 | 50.0
        cost 1,000.50 - about 3-4 &quot;units&quot; | cost 1,000.50 - about 3-4 "units" now | 90.48374180359599 | 100.0
        abs(x) | abs(x) | 100.00000000000004 | 100.0
        """)
    void singleReferencesAreScoredAsSacrebleuScoresThem(
            String hypothesis, String reference, double score, double fourth) {
        Bleu bleu = Bleu.of(hypothesis, List.of(reference));
        assertThat(bleu.score()).isCloseTo(score, within(1e-9 + 1e-9 * score));
        assertThat(bleu.precision(4)).isCloseTo(fourth, within(1e-9 * 100));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        It costs $1,234.56, doesn't it? | It costs $ 1,234.56 , doesn't it ?
        f(x)=x[1:-1]+{a} | f ( x ) = x [ 1 : -1 ] + { a }
        well-known 5-6 3.14. end | well-known 5 - 6 3.14 . end
        &lt;b&gt;&amp;&quot; | < b > & "
        a_b~c\\d | a _ b ~ c \\ d
        """)
    void segmentsAreCutAsMtevalCutsThem(String segment, String tokens) {
        assertThat(String.join(" ", Bleu.tokens(segment))).isEqualTo(tokens);
    }

    /// Counted the long way round: every n-gram of the hypothesis takes one of the reference's that is still there.
    @Test
    void randomCorporaScoreAsTheFormulaSays() {
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            List<String> hypotheses = new ArrayList<>();
            List<List<String>> references = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                hypotheses.add(words(random, 12));
                references.add(List.of(words(random, 12)));
            }
            double logs = 0;
            boolean none = false;
            for (int n = 1; n <= 4; n++) {
                int correct = 0;
                int total = 0;
                for (int i = 0; i < 4; i++) {
                    List<String> left = grams(references.get(i).getFirst(), n);
                    for (String gram : grams(hypotheses.get(i), n)) {
                        correct += left.remove(gram) ? 1 : 0;
                        total++;
                    }
                }
                none |= correct == 0;
                logs += Math.log((double) correct / total) / 4;
            }
            int length =
                    hypotheses.stream().mapToInt(text -> text.split(" ").length).sum();
            int reference = references.stream()
                    .mapToInt(text -> text.getFirst().split(" ").length)
                    .sum();
            double penalty = Math.min(1, Math.exp(1 - (double) reference / length));
            if (!none) {
                assertThat(corpus(hypotheses, references).score())
                        .isCloseTo(100 * penalty * Math.exp(logs), within(1e-9));
            }
        }
    }

    @Test
    void extremesAreWhatTheyMustBe() {
        assertThat(Bleu.of("a b c d e", List.of("a b c d e")).score()).isCloseTo(100, within(1e-9));
        assertThat(Bleu.of("x", List.of("a b c d")).score()).isZero();
        assertThat(Bleu.of("", List.of("a b c d")).score()).isZero();
        assertThat(Bleu.zero().score()).isZero();
    }

    @Test
    void answersAreScoredAsOneCorpus() {
        List<Answer> answers = List.of(
                new Answer(0, 0, "", "a b c d e f", "", "", "a b c d e g\n"),
                new Answer(1, 0, "", "a b c d", "", "", "a b c d"));
        Scorer.Verdict verdict = new Bleu.Corpus().judge(answers);

        assertThat(verdict.scores())
                .extracting(Score::metric)
                .containsExactly("bleu", "precision_4", "brevity_penalty");
        assertThat(verdict.scores().getFirst().value())
                .isEqualTo(
                        corpus(List.of("a b c d e g", "a b c d"), List.of(List.of("a b c d e f"), List.of("a b c d")))
                                .score());
        assertThat(verdict.scores().getFirst().standardError()).isPositive();
        assertThat(verdict.details()).hasSize(2);
    }

    private static String words(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = 4 + random.nextInt(most - 4); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(3))).append(i > 1 ? " " : "");
        }
        return text.toString();
    }

    private static List<String> grams(String text, int n) {
        List<String> words = List.of(text.split(" "));
        List<String> grams = new ArrayList<>();
        for (int i = 0; i + n <= words.size(); i++) {
            grams.add(String.join(" ", words.subList(i, i + n)));
        }
        return grams;
    }
}
