package io.rafsd.storage.backend.localfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.Backend;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFsBackendTest {

    private static final BlobId ID = new BlobId("aa");
    private static final byte[] BYTES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    @TempDir
    Path directory;

    private final ReadContext context = ReadContext.onDemand(Duration.ofSeconds(20));

    @Test
    void aRangeIsReadPieceByPiece() throws Exception {
        Files.write(directory.resolve("aa"), BYTES);
        try (Backend backend = new LocalFsBackend(in(directory));
                BlobStream stream = backend.blob(ID).open(new ByteRange(3, 5), context)) {
            assertThat(backend.blob(ID).size(context)).isEqualTo(10);
            assertThat(next(stream, 2)).containsExactly(3, 4);
            assertThat(next(stream, 3)).containsExactly(5, 6, 7);
        }
    }

    @Test
    void theOneBlobFileIsTakenWhateverItsName() throws Exception {
        Path file = Files.write(directory.resolve("any"), BYTES);
        try (Backend backend = new LocalFsBackend(new BackendConfig.LocalFs(null, file, List.of()))) {
            assertThat(read(backend.blob(ID), 9, 1)).containsExactly(9);
        }
    }

    @Test
    void anEmptyFileIsPassedOverForAnAlternative() throws Exception {
        Files.createFile(directory.resolve("aa"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.write(other.resolve("aa"), BYTES);
        BackendConfig.LocalFs config =
                new BackendConfig.LocalFs(directory, null, List.of(directory.resolve("absent"), other));
        try (Backend backend = new LocalFsBackend(config)) {
            assertThat(read(backend.blob(ID), 0, 2)).containsExactly(0, 1);
        }
    }

    @Test
    void aMissingBlobIsNamedWithThePlacesTriedAndFoundOnceItIsThere() throws Exception {
        try (Backend backend = new LocalFsBackend(in(directory))) {
            BlobReader blob = backend.blob(ID);
            assertThatExceptionOfType(BackendFailure.class)
                    .isThrownBy(() -> read(blob, 0, 1))
                    .withMessageContaining(directory.resolve("aa").toString())
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(BackendFailure.Kind.NOT_FOUND));
            Files.write(directory.resolve("aa"), BYTES);
            assertThat(read(blob, 0, 1)).containsExactly(0);
        }
    }

    @Test
    void aShortFileIsAFailureThatNamesTheRange() throws Exception {
        Files.write(directory.resolve("aa"), BYTES);
        try (Backend backend = new LocalFsBackend(in(directory))) {
            assertThatExceptionOfType(BackendFailure.class)
                    .isThrownBy(() -> read(backend.blob(ID), 8, 3))
                    .withMessageContaining("8 to 11")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(BackendFailure.Kind.FATAL));
        }
    }

    @Test
    void aClosedBackendSaysSo() throws Exception {
        Files.write(directory.resolve("aa"), BYTES);
        Backend backend = new LocalFsBackend(in(directory));
        BlobReader blob = backend.blob(ID);
        assertThat(read(blob, 0, 1)).containsExactly(0);
        backend.close();
        assertThatExceptionOfType(BackendFailure.class).isThrownBy(() -> read(blob, 0, 1));
    }

    private static BackendConfig.LocalFs in(Path directory) {
        return new BackendConfig.LocalFs(directory, null, List.of());
    }

    private byte[] read(BlobReader blob, long offset, int length) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(length);
            blob.readFully(offset, destination, context);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] next(BlobStream stream, int length) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(length);
            stream.readFully(destination);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
