package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * One gzip member per chunk. What follows the wanted bytes is ignored: images made from an eStargz index state only an
 * upper bound of the stored size.
 */
final class GzipMember {

    private GzipMember() {}

    static void decompress(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        int wanted = Math.toIntExact(plain.byteSize());
        byte[] bytes = new byte[wanted];
        int read;
        try (InputStream in =
                new GZIPInputStream(new ByteArrayInputStream(compressed.toArray(ValueLayout.JAVA_BYTE)))) {
            read = in.readNBytes(bytes, 0, wanted);
        } catch (IOException e) {
            throw new IntegrityFailure("the gzip member of " + compressed.byteSize() + " bytes is damaged", e);
        }
        if (read != wanted) {
            throw Compression.wrongLength(plain, read);
        }
        MemorySegment.copy(bytes, 0, plain, ValueLayout.JAVA_BYTE, 0, wanted);
    }

    static int compressBound(int plainSize) {
        return plainSize + plainSize / 1000 + 64;
    }

    static int compress(MemorySegment plain, MemorySegment compressed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain.toArray(ValueLayout.JAVA_BYTE));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        MemorySegment.copy(bytes.toByteArray(), 0, compressed, ValueLayout.JAVA_BYTE, 0, bytes.size());
        return bytes.size();
    }
}
