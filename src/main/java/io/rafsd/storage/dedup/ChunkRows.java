package io.rafsd.storage.dedup;

import io.rafsd.storage.cache.DedupDatabase.Place;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * nydusd's tables, through one connection: {@code Blobs} names the files, {@code Chunks} says which chunk lies where in
 * which. The log of changes is written ahead (WAL), so that readers do not wait. Confined to one thread at a time.
 *
 * @see <a href="https://github.com/dragonflyoss/nydus/blob/master/storage/src/cache/dedup/db.rs">nydus, dedup/db.rs</a>
 */
final class ChunkRows implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ChunkRows.class);
    /** For other daemons' transactions, which are short. */
    private static final int PATIENCE_MILLIS = 10_000;

    private static final int MOST_PLACES = 4;

    private static final List<String> SCHEMA = List.of(
            "CREATE TABLE IF NOT EXISTS Blobs (BlobId INTEGER PRIMARY KEY, FilePath TEXT NOT NULL UNIQUE)",
            "CREATE TABLE IF NOT EXISTS Chunks (ChunkId TEXT NOT NULL, ChunkOffset INTEGER, BlobId INTEGER,"
                    + " UNIQUE(ChunkId, BlobId) ON CONFLICT IGNORE, FOREIGN KEY(BlobId) REFERENCES Blobs(BlobId))",
            "CREATE INDEX IF NOT EXISTS ChunkIndex ON Chunks(ChunkId)");

    private final Connection connection;
    private final PreparedStatement find;
    private final PreparedStatement addFile;
    private final PreparedStatement addChunk;
    private final PreparedStatement removeChunk;

    private ChunkRows(Connection connection) throws SQLException {
        this.connection = connection;
        this.find = connection.prepareStatement("SELECT FilePath, ChunkOffset FROM Chunks JOIN Blobs USING (BlobId)"
                + " WHERE ChunkId = ? ORDER BY BlobId LIMIT " + MOST_PLACES);
        this.addFile = connection.prepareStatement("INSERT OR IGNORE INTO Blobs (FilePath) VALUES (?)");
        this.addChunk = connection.prepareStatement("INSERT OR IGNORE INTO Chunks (ChunkId, ChunkOffset, BlobId)"
                + " SELECT ?, ?, BlobId FROM Blobs WHERE FilePath = ?");
        this.removeChunk = connection.prepareStatement("DELETE FROM Chunks WHERE ChunkId = ? AND ChunkOffset = ?"
                + " AND BlobId = (SELECT BlobId FROM Blobs WHERE FilePath = ?)");
    }

    /** Opens the database, and makes it if it is not there. */
    static ChunkRows open(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(PATIENCE_MILLIS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // A power cut may lose the last notes, which are hints; it does not break the file.
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
        try (Statement statement = connection.createStatement()) {
            for (String table : SCHEMA) {
                statement.execute(table);
            }
            return new ChunkRows(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    List<Place> find(String chunk) throws SQLException {
        find.setString(1, chunk);
        List<Place> places = new ArrayList<>(1);
        try (ResultSet rows = find.executeQuery()) {
            while (rows.next()) {
                places.add(new Place(Path.of(rows.getString(1)), rows.getLong(2)));
            }
        }
        return places;
    }

    /** Writes all of them or none. */
    void write(List<NoteWriter.Note> notes) throws SQLException {
        connection.setAutoCommit(false);
        try {
            for (NoteWriter.Note note : notes) {
                note.write(this);
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    void add(String chunk, Place place) throws SQLException {
        addFile.setString(1, place.file().toString());
        addFile.executeUpdate();
        addChunk.setString(1, chunk);
        addChunk.setLong(2, place.offset());
        addChunk.setString(3, place.file().toString());
        addChunk.executeUpdate();
    }

    void remove(String chunk, Place place) throws SQLException {
        removeChunk.setString(1, chunk);
        removeChunk.setLong(2, place.offset());
        removeChunk.setString(3, place.file().toString());
        removeChunk.executeUpdate();
    }

    List<Path> files() throws SQLException {
        List<Path> files = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT FilePath FROM Blobs")) {
            while (rows.next()) {
                files.add(Path.of(rows.getString(1)));
            }
        }
        return files;
    }

    void removeFile(Path file) throws SQLException {
        String name = file.toString();
        execute("DELETE FROM Chunks WHERE BlobId = (SELECT BlobId FROM Blobs WHERE FilePath = ?)", name);
        execute("DELETE FROM Blobs WHERE FilePath = ?", name);
    }

    private void execute(String change, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(change)) {
            statement.setString(1, name);
            statement.executeUpdate();
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            log.atDebug().log("dedup database was not closed: {}", e.getMessage());
        }
    }
}
