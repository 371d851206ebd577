package org.lewis.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What Jinja 3.1 makes of small templates, with `trim_blocks` and `lstrip_blocks`.
class JinjaTest {

    private static String render(String template) {
        Map<String, Object> mapping = new LinkedHashMap<>();
        mapping.put("name", "add");
        mapping.put("n", 1L);
        mapping.put("x", null);
        return Jinja.parse(template)
                .render(Map.of(
                        "text",
                        " a,b,c ",
                        "list",
                        Arrays.asList(3L, 1L, 2L),
                        "turns",
                        List.of(Map.of("role", "user", "content", "Hi"), Map.of("role", "assistant", "content", "Yo")),
                        "map",
                        mapping,
                        "yes",
                        true));
    }

    private static void renders(String template, String expected) {
        assertThat(render(template)).as(template).isEqualTo(expected);
    }

    @Test
    void valuesPrintAsPythonPrintsThem() {
        renders(
                "{{ yes }} {{ none }} {{ 1.0 }} {{ [1, 'a', none, true] }} {{ missing }}.",
                "True None 1.0 [1, 'a', None, True] .");
        renders("{{ map }}", "{'name': 'add', 'n': 1, 'x': None}");
        renders("{{ \"it's\" }} {{ [\"it's\"] }}", "it's [\"it's\"]");
        renders("{{ 'a' 'b' ~ 1 }}", "ab1");
    }

    @Test
    void operatorsBindAsInPython() {
        renders("{{ not yes or 1 == 1 and 2 in list }}", "True");
        renders("{{ 'a' if not yes else 'b' if list else 'c' }}", "b");
        renders("{{ 4 not in list and not missing is defined }}", "True");
        renders("{{ 1 + 2 * 3 ** 2 }} {{ 7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }}", "19 3 2 3.5");
        renders("{{ list|length - 1 }}", "2");
        renders("{{ 1 if map.x is not none else 0 }}", "0");
    }

    @Test
    void slicesItemsAndMethodsAreThoseOfPython() {
        renders(
                "{{ list[::-1] }}{{ list[1:] }}{{ list[:-1] }}{{ list[-1] }}{{ 'abc'[1:] }}",
                "[2, 1, 3][1, 2][3, 1]2bc");
        renders("{{ text.strip().split(',')[-1] }}|{{ text.split(',', 1)|length }}|{{ text.rstrip() }}", "c|2| a,b,c");
        renders("{{ 'xxaxx'.strip('x') }}{{ 'a.b'.replace('.', '') }}{{ 'ab'.startswith(('x', 'a')) }}", "aabTrue");
        renders("{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}", "name=add;n=1;x=None;");
        renders("{{ map.get('y', 'z') }}{{ map['name'] }}{{ turns[0].content }}", "zaddHi");
    }

    @Test
    void filtersAndTestsAreThoseOfJinja() {
        renders("{{ list|sort|join('-') }} {{ turns|map(attribute='role')|list }}", "1-2-3 ['user', 'assistant']");
        renders(
                "{{ turns|selectattr('role', 'equalto', 'user')|list|length }}{{ turns|rejectattr('x')|list|length }}",
                "12");
        renders("{{ missing|default('d') }}{{ ''|default('e', true) }}{{ 'ab'|upper|first }}", "deA");
        renders(
                "{{ map is mapping }}{{ list is iterable }}{{ 'x' is string }}{{ 3 is odd }}{{ 4 is divisibleby 2 }}",
                "TrueTrueTrueTrueTrue");
        renders("{{ 'a\nb'|indent(2) }}", "a\n  b");
    }

    @Test
    void jsonHasTheBlanksOfPython() {
        renders("{{ map|tojson }}", "{\"name\": \"add\", \"n\": 1, \"x\": null}");
        renders("{{ {'a': [1, 'é<>&'], 'b': {}}|tojson(indent=2) }}", """
            {
              "a": [
                1,
                "é<>&"
              ],
              "b": {}
            }\
            """);
    }

    @Test
    void blanksAroundTagsAreDropped() {
        renders("a\n  {% if yes %}\nb\n  {% endif %}\nc\n", "a\nb\nc");
        renders("a {%- if yes -%} b {%- endif -%} c", "abc");
        renders("a\n{{ 1 }}\n\nb", "a\n1\n\nb");
        renders("a\n  {# no #}\nb{# no #} c", "a\nb c");
        renders("a\n  {%+ if yes %}b{% endif %}", "a\n  b");
        renders("{% raw %}{{ a }}{% endraw %}", "{{ a }}");
        renders("{{ '}}' }}{{ {'a': {'b': 1}}['a'] }}", "}}{'b': 1}");
    }

    @Test
    void loopsKnowWhereTheyAre() {
        renders("{% for i in list %}{{ loop.index }}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "13,21,32");
        renders("{% for i in list if i > 1 %}{{ i }}{% else %}none{% endfor %}", "32");
        renders("{% for i in [] %}{% else %}none{% endfor %}", "none");
        renders("{% for i in list %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "32");
        renders("{% for i in list %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}", "3");
        renders("{% for i in range(2, 5) %}{{ loop.previtem|default('-') }}{% endfor %}", "-23");
    }

    @Test
    void whatALoopSetsIsGoneAfterItButForNamespaces() {
        renders("{% set a = 1 %}{% for i in list %}{% set a = i %}{% endfor %}{{ a }}", "1");
        renders("{% set ns = namespace(a=1) %}{% for i in list %}{% set ns.a = i %}{% endfor %}{{ ns.a }}", "2");
        renders("{% if yes %}{% set a = 2 %}{% endif %}{{ a }}", "2");
        renders("{% set a, b = [1, 2] %}{{ b }}{% set c %}x{{ a }}{% endset %}{{ c }}", "2x1");
    }

    @Test
    void macrosGenerationAndFilterBlocksWork() {
        renders("{% macro f(a, b='-') %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f('x', b='y') }}", "1-xy");
        renders("{% generation %}a{% endgeneration %}{% filter upper %}b{% endfilter %}", "aB");
    }

    @Test
    void mistakesNameTheLineAndTheWord() {
        assertThatThrownBy(() -> render("a\n{{ x y }}")).hasMessage("line 2: \"y\" is too much in \"x y\"");
        assertThatThrownBy(() -> render("{% if yes %}")).hasMessage("\"endif\" is missing at the end");
        assertThatThrownBy(() -> render("\n{% endif %}")).hasMessage("line 2: no tag \"endif\" is known here");
        assertThatThrownBy(() -> render("{{ a")).hasMessage("line 1: \"}}\" is missing");
        assertThatThrownBy(() -> render("{% include 'x' %}")).hasMessage("line 1: no tag \"include\" is known here");
        assertThatThrownBy(() -> render("{{ 1|nothing }}")).hasMessage("no filter is called \"nothing\"");
        assertThatThrownBy(() -> render("{{ missing.x }}")).hasMessage("\"missing\" is undefined and has no \"x\"");
        assertThatThrownBy(() -> render("{{ raise_exception('roles must alternate') }}"))
                .isInstanceOf(JinjaException.class)
                .hasMessage("roles must alternate");
        assertThatThrownBy(() -> render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"))
                .hasMessage("the template calls itself without end");
    }

    @Test
    void damagedTemplatesAreReadOrRefused() {
        String template =
                "{%- set ns = namespace(a=[1, {'b': \"c\"}]) %}{% for m in turns[::-1] if m.role is string %}\n"
                        + "{{ (m['content'] | trim ~ loop.index0)[1:] if not loop.last else ns.a|tojson(indent=2) }}{%"
                        + " endfor %}{% macro f(x='y') -%} {{ x.split('y')[-1] }} {%- endmacro %}{{ f() }}{# c #}{% raw"
                        + " %}{{{% endraw %}";
        Random random = new Random(3);
        for (int round = 0; round < 5000; round++) {
            StringBuilder damaged = new StringBuilder(template);
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(3)) {
                    case 0 -> damaged.setLength(Math.max(1, at));
                    case 1 -> damaged.deleteCharAt(at);
                    default -> damaged.setCharAt(at, "{}%()[]|'\"-.:= 1x".charAt(random.nextInt(17)));
                }
                if (damaged.isEmpty()) {
                    damaged.append(' ');
                }
            }
            String text = damaged.toString();
            assertThatCode(() -> {
                        try {
                            render(text);
                        } catch (JinjaException e) {
                            // Refused.
                        }
                    })
                    .as(text)
                    .doesNotThrowAnyException();
        }
    }
}
