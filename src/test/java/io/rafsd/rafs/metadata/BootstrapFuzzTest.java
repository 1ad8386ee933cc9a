package io.rafsd.rafs.metadata;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.testing.TinyImage;
import io.rafsd.testing.TinyImageV5;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Whatever a bootstrap holds: it is a tree that can be walked to its end, or it is refused, whole or in parts. */
class BootstrapFuzzTest {

    private static final int LARGEST = 64 << 10;

    /**
     * A whole image with bytes put over it: so the fuzzer need not find out about magics and checksums.
     *
     * @param edits of three bytes each: offset, and the byte to be there
     */
    @FuzzTest
    void anyDamageToAnImageIsRefusedOrHarmless(byte[] edits) throws IOException {
        walk(edited(new TinyImage().bytes, edits));
    }

    /** As {@link #anyDamageToAnImageIsRefusedOrHarmless}, of RAFS v5. */
    @FuzzTest
    void anyDamageToAnImageOfVersionFiveIsRefusedOrHarmless(byte[] edits) throws IOException {
        walk(edited(new TinyImageV5().bytes, edits));
    }

    private static MemorySegment edited(MemorySegment image, byte[] edits) {
        ByteBuffer edit = ByteBuffer.wrap(edits);
        while (edit.remaining() >= 3) {
            long offset = (edit.getShort() & 0xFFFFL) % image.byteSize();
            image.set(ValueLayout.JAVA_BYTE, offset, edit.get());
        }
        return image;
    }

    @FuzzTest
    void anyBytesAreATreeOrAreRefused(byte[] bytes) throws IOException {
        if (bytes.length <= LARGEST) {
            walk(MemorySegment.ofArray(bytes));
        }
    }

    private static void walk(MemorySegment image) throws IOException {
        RafsMetadata metadata;
        try {
            metadata = RafsMetadata.of(image);
        } catch (InvalidImage | Unsupported e) {
            return;
        }
        new MetadataWalk(metadata).all();
    }
}
