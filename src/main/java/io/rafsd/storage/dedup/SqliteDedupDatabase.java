package io.rafsd.storage.dedup;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.CacheFailure;
import io.rafsd.storage.cache.DedupDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * nydusd's database, so that its daemons and ours share one. Who reads asks on a connection of its own and never waits for
 * a writer; what is to be noted waits in a queue for one thread, which writes many notes at once. A database that fails is
 * not asked again in this process.
 */
public final class SqliteDedupDatabase implements DedupDatabase {

    private static final Logger log = LoggerFactory.getLogger(SqliteDedupDatabase.class);

    private final Path file;
    private final ChunkRows reader;
    private final NoteWriter writer;
    private volatile boolean failed;

    private SqliteDedupDatabase(Path file, ChunkRows reader, ChunkRows written) {
        this.file = file;
        this.reader = reader;
        this.writer = new NoteWriter(written, this::fail);
    }

    /**
     * Opens the database, and makes it if it is not there.
     *
     * @throws CacheFailure if it cannot be used
     */
    public static SqliteDedupDatabase open(Path file) throws CacheFailure {
        try {
            ChunkRows reader = ChunkRows.open(file);
            try {
                return new SqliteDedupDatabase(file, reader, ChunkRows.open(file));
            } catch (SQLException e) {
                reader.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new CacheFailure("dedup database " + file + " cannot be used: " + e.getMessage()
                    + "; name a file that this user may write, in a directory that exists");
        }
    }

    @Override
    public boolean isUsed() {
        return !failed;
    }

    @Override
    public List<Place> find(DigestAlgorithm algorithm, Digest digest) {
        if (failed) {
            return List.of();
        }
        try {
            synchronized (reader) {
                return reader.find(key(algorithm, digest));
            }
        } catch (SQLException | RuntimeException e) {
            fail(e);
            return List.of();
        }
    }

    @Override
    public void add(DigestAlgorithm algorithm, Digest digest, Place place) {
        if (!failed) {
            writer.submit(rows -> rows.add(key(algorithm, digest), place));
        }
    }

    @Override
    public void remove(DigestAlgorithm algorithm, Digest digest, Place place) {
        if (!failed) {
            writer.submit(rows -> rows.remove(key(algorithm, digest), place));
        }
    }

    @Override
    public void collectGarbage() {
        if (!failed) {
            writer.submitAndWait(SqliteDedupDatabase::removeLostFiles);
        }
    }

    private static void removeLostFiles(ChunkRows rows) throws SQLException {
        for (Path known : rows.files()) {
            if (!Files.exists(known)) {
                rows.removeFile(known);
            }
        }
    }

    /** As nydusd names a chunk. */
    private static String key(DigestAlgorithm algorithm, Digest digest) {
        return algorithm.name().toLowerCase(Locale.ROOT) + ":" + digest;
    }

    private void fail(Exception e) {
        if (!failed) {
            failed = true;
            log.atWarn()
                    .addKeyValue("database", file)
                    .log("dedup database failed and is not used any more: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        writer.close();
        failed = true;
        synchronized (reader) {
            reader.close();
        }
    }
}
