package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private static TextTable table(String task) {
        TextTable table = TextTable.of(
                "model",
                List.of(
                        new TextTable.Column("", "kept"),
                        new TextTable.Column(task, "strict"),
                        new TextTable.Column("code", "pass@1"),
                        new TextTable.Column(task, "flexible"),
                        new TextTable.Column("", "merge s")));
        table.add(List.of("base", "", "0.25", "0.5", "0.75", ""));
        table.add(List.of("ties", "0.500", "0.125", "\u001b[1m1\u001b[0m", "0.375", "1.5"));
        return table;
    }

    @Test
    void whatFitsIsOneTable() {
        assertThat(table("math")).hasToString("""
            model   kept  math strict  code pass@1  math flexible  merge s
            --------------------------------------------------------------
            base                 0.25          0.5           0.75
            ties   0.500        0.125            \u001b[1m1\u001b[0m          0.375      1.5
            """);
    }

    @Test
    void whatIsTooWideIsOneTableForEachGroup() {
        String task = "a".repeat(40);
        assertThat(table(task)).hasToString("""
            model   kept  merge s
            ---------------------
            base
            ties   0.500      1.5

            %s  strict  flexible
            %s------------------
            base%s    0.25      0.75
            ties%s   0.125     0.375

            code  pass@1
            ------------
            base     0.5
            ties       \u001b[1m1\u001b[0m
            """.formatted(task, "-".repeat(40), " ".repeat(36), " ".repeat(36)));
    }

    @Test
    void aTableWithoutGroupsStaysOne() {
        TextTable table = TextTable.of(List.of("a".repeat(100), "b".repeat(100)));
        assertThat(table.toString().lines()).hasSize(2);
    }
}
