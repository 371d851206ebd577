package org.lewis.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.HubCache;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;

class DataSetTest {

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static List<String> rows(List<Node> rows) {
        return rows.stream().map(row -> Json.compact(row.plain())).toList();
    }

    private List<String> rows(String name, String config, String split) throws IOException {
        return rows(new DataSet(name, Optional.ofNullable(config), Optional.ofNullable(split))
                .rows(folder, new HubCache(folder.resolve("hub"))));
    }

    @Test
    void everyFormatGivesTheSameRows() throws Exception {
        List<String> expected = List.of("{\"a\":\"1\",\"b\":\"x, \\\"y\\\"\\nz\"}", "{\"a\":\"2\",\"b\":\"\"}");
        String lines = String.join("\n", expected);
        file("r.jsonl", lines);
        file("r.json", "[" + String.join(",\n", expected) + "]");
        file("d.json", "{\"version\": 1, \"data\": [" + String.join(",\n", expected) + "]}");
        file("lines.json", lines);
        file("r.csv", "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n2,\r\n");
        Files.write(folder.resolve("r.jsonl.gz"), gzip(lines));
        database("copy (select * from read_json_auto('" + folder.resolve("r.jsonl")
                + "', columns = {a: 'varchar', b: 'varchar'})) to '" + folder.resolve("r.parquet")
                + "' (format parquet, compression zstd)");
        database("copy (select unnest(['" + lines.replace("\n", "', '") + "']) as l) to '"
                + folder.resolve("r.jsonl.zst")
                + "' (format csv, header false, quote '', escape '', delimiter '\\x01', compression zstd)");

        for (String name : List.of(
                "r.jsonl", "r.json", "d.json", "lines.json", "r.csv", "r.jsonl.gz", "r.jsonl.zst", "r.parquet")) {
            assertThat(rows(Rows.read(folder.resolve(name)))).as(name).isEqualTo(expected);
        }
        assertThat(rows(Rows.read(file("r.tsv", "a\tb\n1\tx\n")))).containsExactly("{\"a\":\"1\",\"b\":\"x\"}");
        assertThat(rows(Rows.read(file("r.txt", "one\n\ntwo\n"))))
                .containsExactly("{\"text\":\"one\"}", "{\"text\":\"two\"}");
    }

    @Test
    void nestedColumnsOfParquetStayNested() throws Exception {
        Path file = folder.resolve("[odd] name*.parquet");
        database("copy (select 'q' as question, {'text': ['x', 'y'], 'label': ['A', 'B']} as choices, 7::bigint as n)"
                + " to '" + file + "' (format parquet)");

        assertThat(rows(Rows.read(file)))
                .containsExactly(
                        "{\"question\":\"q\",\"choices\":{\"text\":[\"x\",\"y\"],\"label\":[\"A\",\"B\"]},\"n\":7}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.parquet", "x.jsonl.gz", "x.jsonl.zst", "x.json", "x.csv"})
    void whatIsNotWhatItsNameSaysIsRefused(String name) throws IOException {
        Path file = file(name, "a,b\n1,2,3\n and no more of that");
        assertThatThrownBy(() -> Rows.read(file))
                .isInstanceOfAny(IOException.class, DocumentException.class)
                .hasMessageStartingWith(file.toString());
    }

    @Test
    void aCsvRowOfAnotherLengthIsNamed() throws IOException {
        Path file = file("x.csv", "a,b\n\"1\n1\",2\n3\n");
        assertThatThrownBy(() -> Rows.read(file))
                .isInstanceOf(DocumentException.class)
                .hasMessage(file + ":4:1: expected 2 fields, found 1");
    }

    @Test
    void splitsAreFoundByTheNamesOfFiles() throws IOException {
        file("d/gsm_test.jsonl", "{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n");
        file("d/train-00001-of-00002.jsonl", "{\"n\": 5}\n");
        file("d/train-00000-of-00002.jsonl", "{\"n\": 4}\n");
        file("d/README.md", "contest of tests");
        file("d/.hidden_test.jsonl", "{");

        assertThat(rows("d", null, "test")).containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":3}");
        assertThat(rows("d", null, "train")).containsExactly("{\"n\":4}", "{\"n\":5}");
        assertThat(rows("d", null, "test[1:]")).containsExactly("{\"n\":2}", "{\"n\":3}");
        assertThat(rows("d", null, "test[:1]")).containsExactly("{\"n\":1}");
        assertThat(rows("d/gsm_test.jsonl", null, "[1:2]")).containsExactly("{\"n\":2}");
        assertThatThrownBy(() -> rows("d", null, "validation"))
                .hasMessage(folder.resolve("d") + ": holds no data of a split validation; the files are"
                        + " [gsm_test.jsonl, train-00000-of-00002.jsonl, train-00001-of-00002.jsonl]");
        assertThatThrownBy(() -> rows("d", null, "test[3:9]")).hasMessage("d: test[3:9] is no row of its 3");
        assertThatThrownBy(() -> rows("d/gsm_test.jsonl", null, "test"))
                .hasMessageStartingWith(folder.resolve("d/gsm_test.jsonl") + ": is one file, in which no split can be");
        assertThatThrownBy(() -> new DataSet("d", Optional.empty(), Optional.of("test[1]")))
                .hasMessage("no split is called \"test[1]\"; write test or test[10:20]");
    }

    @Test
    void dataSetsOfTheHubAreFoundInItsCache() throws IOException {
        String snapshot = "hub/datasets--openai--gsm8k/snapshots/abc/";
        file("hub/datasets--openai--gsm8k/refs/main", "abc\n");
        file(snapshot + "main/test.jsonl", "{\"n\": 1}\n");
        file(snapshot + "socratic/test.jsonl", "{\"n\": 2}\n");

        assertThat(rows("openai/gsm8k", "main", "test")).containsExactly("{\"n\":1}");
        assertThatThrownBy(() -> rows("openai/gsm8k", null, "test"))
                .hasMessage(folder.resolve(snapshot)
                        + ": has several configurations, main, socratic; `config` chooses one");
        assertThatThrownBy(() -> rows("openai/gsm8k", "other", "test"))
                .hasMessage(folder.resolve(snapshot) + ": has no configuration other, only main, socratic");
        assertThatThrownBy(() -> rows("openai/gsm9k", "main", "test"))
                .hasMessage("openai/gsm9k: no such file or folder of data, neither in " + folder
                        + " nor in the working directory, and no such data set in the hub's cache "
                        + folder.resolve("hub") + ", to which it has to be downloaded first");
    }

    @Test
    void parquetFilesOfTheHubHaveTheirSplitsInTheirNames() throws Exception {
        String math = "hub/datasets--openai--gsm8k/";
        file(math + "refs/main", "abc");
        parquet(math + "snapshots/abc/main/test-00000-of-00001.parquet", "'How many?' as question, '#### 7' as answer");
        parquet(math + "snapshots/abc/main/train-00000-of-00001.parquet", "'Few?' as question, '#### 1' as answer");
        parquet(math + "snapshots/abc/socratic/test-00000-of-00001.parquet", "'Why?' as question, '#### 2' as answer");
        String code = "hub/datasets--google-research-datasets--mbpp/";
        file(code + "refs/main", "def");
        for (String split : List.of("prompt", "test", "train", "validation")) {
            parquet(
                    code + "snapshots/def/full/" + split + "-00000-of-00001.parquet",
                    "11 as task_id, '" + split + "' as text, ['assert f() == 1', 'assert f() > 0'] as test_list");
        }

        assertThat(rows("openai/gsm8k", "main", "test"))
                .containsExactly("{\"question\":\"How many?\",\"answer\":\"#### 7\"}");
        assertThat(rows("openai/gsm8k", "main", "train"))
                .containsExactly("{\"question\":\"Few?\",\"answer\":\"#### 1\"}");
        assertThat(rows("google-research-datasets/mbpp", "full", "prompt[0:1]"))
                .containsExactly("{\"task_id\":11,\"text\":\"prompt\","
                        + "\"test_list\":[\"assert f() == 1\",\"assert f() > 0\"]}");
    }

    private void parquet(String name, String columns) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        database("copy (select " + columns + ") to '" + file + "' (format parquet)");
    }

    @Test
    void oneFileStandsInForASplit() throws IOException {
        String file = file("mine.jsonl", "{\"n\": 1}\n{\"n\": 2}\n").toString();
        DataSet test = new DataSet("openai/gsm8k", Optional.of("main"), Optional.of("test"));
        assertThat(test.replacedBy(file)).isEqualTo(DataSet.of(Path.of(file)));
        DataSet cut = new DataSet("openai/gsm8k", Optional.of("main"), Optional.of("test[1:]"));
        assertThat(cut.replacedBy(file)).isEqualTo(new DataSet(file, Optional.empty(), Optional.of("[1:]")));
        assertThat(test.replacedBy("other/set"))
                .isEqualTo(new DataSet("other/set", Optional.of("main"), Optional.of("test")));
    }

    @Test
    void templatesReachIntoListsAndMappings() {
        Node row = Json.parse("r", "{\"l\": [\"a\", \"b\"], \"m\": {\"x\": [1]}, \"empty\": \"\", \"none\": null}");

        assertThat(new Template("{l[1]}-{m.x[0]}-{m}").fill(row)).isEqualTo("b-1-{\"x\":[1]}");
        assertThat(new Template("{none|empty|l[0]}").fill(row)).isEqualTo("a");
        assertThat(new Template("{l[1]}{missing|}{empty|none2|}.").fill(row)).isEqualTo("b.");
        assertThatThrownBy(() -> new Template("{l[2]}").fill(row))
                .hasMessage(
                        "r:1:1: no field \"l[2]\", which the template \"{l[2]}\" wants; fields are l, m, empty, none");
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(bytes)) {
            packed.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void database(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement made = connection.createStatement()) {
            made.execute(statement);
        }
    }
}
