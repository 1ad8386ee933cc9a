package io.rafsd.blob;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Text in a field of fixed size that is filled up with NUL bytes, as names and ids are on disk. */
public final class PaddedText {

    private PaddedText() {}

    /** The text up to the first NUL, or to the end; each byte a Latin character. */
    public static String of(MemorySegment field) {
        long size = 0;
        while (size < field.byteSize() && field.get(ValueLayout.JAVA_BYTE, size) != 0) {
            size++;
        }
        return new String(field.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }
}
