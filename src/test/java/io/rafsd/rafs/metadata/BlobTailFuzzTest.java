package io.rafsd.rafs.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.blob.TarHeader;
import io.rafsd.blob.TocEntry;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whatever a blob ends with: the bootstrap in it is a tree that can be walked to its end, or the blob is refused. */
class BlobTailFuzzTest {

    private static final int LARGEST = 64 << 10;
    private static final String[] SECTIONS = {
        TocEntry.BOOTSTRAP, TocEntry.TOC, TocEntry.CHUNK_TABLE_HEADER, TocEntry.DATA
    };

    /**
     * Sections with a header of which only the sum is always right: so the fuzzer need not find out about that.
     *
     * @param bytes the name of the last section, its size in three bytes, then what lies before its header
     */
    @FuzzTest
    void anySectionsGiveATreeOrAreRefused(byte[] bytes) throws IOException {
        if (bytes.length < 4 || bytes.length > LARGEST) {
            return;
        }
        String name = SECTIONS[bytes[0] & 3];
        int size = (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
        byte[] header = new byte[TarHeader.SIZE];
        new TarHeader(name, size).encode(MemorySegment.ofArray(header));
        open(ByteBuffer.allocate(bytes.length - 4 + header.length)
                .put(bytes, 4, bytes.length - 4)
                .put(header)
                .array());
    }

    @FuzzTest
    void anyFileIsATreeOrIsRefused(byte[] bytes) throws IOException {
        if (bytes.length <= LARGEST) {
            open(bytes);
        }
    }

    private static void open(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("blob", "");
        try {
            Files.write(file, bytes);
            new MetadataWalk(RafsMetadata.open(file)).all();
        } catch (InvalidImage | Unsupported e) {
            assertThat(e).hasMessageContaining(file.toString());
        } finally {
            Files.delete(file);
        }
    }
}
