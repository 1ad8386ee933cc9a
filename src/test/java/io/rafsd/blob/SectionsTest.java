package io.rafsd.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tar headers and tables of contents: what is written is read again. */
class SectionsTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 511, 0x1_FFFF_FFFFL, 0x2_0000_0000L, 1L << 40, Long.MAX_VALUE})
    void aTarHeaderIsReadAsItWasWritten(long size) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[TarHeader.SIZE]);
        TarHeader header = new TarHeader("image.blob", size);
        header.encode(bytes);
        assertThat(TarHeader.decode(bytes)).isEqualTo(header);
    }

    @Test
    void anyChangedByteOfATarHeaderIsNoticed() {
        for (int i = 0; i < TarHeader.SIZE; i++) {
            MemorySegment bytes = MemorySegment.ofArray(new byte[TarHeader.SIZE]);
            new TarHeader(TocEntry.TOC, 512).encode(bytes);
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (bytes.get(ValueLayout.JAVA_BYTE, i) + 1));
            TarHeader found = TarHeader.decode(bytes);
            // The checksum itself may end one byte earlier or later.
            assertThat(found == null || i >= 148 && i < 156).as("byte %d", i).isTrue();
        }
    }

    @Test
    void anEntryIsReadAsItWasWritten() {
        MemorySegment table = MemorySegment.ofArray(new byte[2 * TocEntry.SIZE]);
        TocEntry entry = new TocEntry(TocEntry.CHUNK_TABLE_HEADER, Compression.ZSTD, new Digest(1, 2, 3, 4), 5, 6, 7);
        entry.encode(table, 1);
        assertThat(TocEntry.at(table, 1)).isEqualTo(entry);
        assertThat(TocEntry.at(table, 0).compression()).isNull();
    }
}
