package io.rafsd.storage.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.CacheFailure;
import io.rafsd.storage.cache.DedupDatabase.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** nydusd's database of chunks. */
class SqliteDedupDatabaseTest {

    private static final Digest DIGEST = new Digest(1, 2, 3, 4);

    @TempDir
    Path directory;

    @Test
    void whatOneDaemonNotesAnotherFinds() throws Exception {
        Path data = Files.createFile(directory.resolve("a.blob.data"));
        try (SqliteDedupDatabase one = open();
                SqliteDedupDatabase another = open()) {
            one.add(DigestAlgorithm.BLAKE3, DIGEST, new Place(data, 4096));
            one.collectGarbage();
            assertThat(another.find(DigestAlgorithm.BLAKE3, DIGEST)).containsExactly(new Place(data, 4096));
            assertThat(another.find(DigestAlgorithm.SHA256, DIGEST)).isEmpty();
        }
    }

    @Test
    void theRowsAreThoseOfNydusd() throws Exception {
        Path data = Files.createFile(directory.resolve("a.blob.data"));
        try (SqliteDedupDatabase database = open()) {
            database.add(DigestAlgorithm.SHA256, DIGEST, new Place(data, 8192));
            database.add(DigestAlgorithm.SHA256, DIGEST, new Place(data, 8192));
        }
        assertThat(rows("SELECT FilePath FROM Blobs")).containsExactly(data.toString());
        assertThat(
                        rows(
                                "SELECT ChunkId || ' ' || ChunkOffset || ' ' || FilePath FROM Chunks JOIN Blobs USING (BlobId)"))
                .containsExactly("sha256:" + DIGEST + " 8192 " + data);
        assertThat(rows("PRAGMA journal_mode")).containsExactly("wal");
    }

    @Test
    void filesThatAreGoneAreForgottenWhenTheCollectionReturns() throws Exception {
        Path data = Files.createFile(directory.resolve("a.blob.data"));
        try (SqliteDedupDatabase database = open()) {
            database.add(DigestAlgorithm.BLAKE3, DIGEST, new Place(data, 0));
            Files.delete(data);
            database.collectGarbage();
            assertThat(rows("SELECT FilePath FROM Blobs")).isEmpty();
            assertThat(rows("SELECT ChunkId FROM Chunks")).isEmpty();
        }
    }

    @Test
    void whatTurnedOutWrongIsNotFoundAgain() throws Exception {
        Place place = new Place(Files.createFile(directory.resolve("a.blob.data")), 0);
        try (SqliteDedupDatabase database = open()) {
            database.add(DigestAlgorithm.BLAKE3, DIGEST, place);
            database.remove(DigestAlgorithm.BLAKE3, DIGEST, place);
            database.collectGarbage();
            assertThat(database.find(DigestAlgorithm.BLAKE3, DIGEST)).isEmpty();
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedByName() throws Exception {
        Files.writeString(directory.resolve("cas.db"), "this is a letter, not a database, and long enough to be read");
        assertThatThrownBy(this::open)
                .isInstanceOf(CacheFailure.class)
                .hasMessageContaining("cas.db")
                .hasMessageContaining("cannot be used");
    }

    @Test
    void aDatabaseThatBreaksIsNotAskedAgain() throws Exception {
        Place place = new Place(Files.createFile(directory.resolve("a.blob.data")), 0);
        try (SqliteDedupDatabase database = open()) {
            rows("DROP TABLE Chunks");
            database.add(DigestAlgorithm.BLAKE3, DIGEST, place);
            database.collectGarbage();
            assertThat(database.isUsed()).isFalse();
            assertThat(database.find(DigestAlgorithm.BLAKE3, DIGEST)).isEmpty();
        }
    }

    private SqliteDedupDatabase open() throws CacheFailure {
        return SqliteDedupDatabase.open(directory.resolve("cas.db"));
    }

    private List<String> rows(String query) throws Exception {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("cas.db"));
                Statement statement = connection.createStatement()) {
            if (statement.execute(query)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        found.add(rows.getString(1));
                    }
                }
            }
        }
        return found;
    }
}
