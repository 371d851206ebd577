package org.lewis.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// Rows of Parquet files, read by DuckDB. It is loaded when the first such file is, and only then.
final class Parquet {

    private Parquet() {}

    /// Rows with nested lists and mappings; a message names the row as its line.
    static List<Node> read(Path file) throws IOException {
        if (Files.size(file) < 12) {
            throw new IOException(file + ": no Parquet file; it has " + Files.size(file) + " bytes");
        }
        List<Node> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings());
                PreparedStatement statement = connection.prepareStatement("select to_json(r) from read_parquet(?) r")) {
            statement.setString(1, file.toAbsolutePath().toString().replaceAll("([*?\\[])", "[$1]"));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(Json.parse(file.toString(), rows.size() + 1, result.getString(1)));
                }
            }
        } catch (SQLException e) {
            throw new IOException(
                    file + ": cannot be read as Parquet: "
                            + e.getMessage().lines().findFirst().orElse(""),
                    e);
        }
        return rows;
    }

    /// Nothing is downloaded, and the whole machine is not ours.
    private static Properties settings() {
        Properties settings = new Properties();
        settings.put("threads", "1");
        settings.put("memory_limit", "1GB");
        settings.put("autoinstall_known_extensions", "false");
        settings.put("autoload_known_extensions", "false");
        settings.put("temp_directory", System.getProperty("java.io.tmpdir"));
        return settings;
    }
}
