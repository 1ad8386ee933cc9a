package io.rafsd.builder.tar;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Finds out how an archive is compressed. */
public final class Archives {

    private static final int MAGIC = 4;
    private static final int BUFFER = 1 << 16;

    private Archives() {}

    /** The bytes of a tar that is there as it is, or compressed by gzip or zstd, in one member or many. */
    public static InputStream plain(InputStream in) throws IOException {
        PushbackInputStream pushback = new PushbackInputStream(in, MAGIC);
        byte[] magic = new byte[MAGIC];
        int n = pushback.readNBytes(magic, 0, MAGIC);
        pushback.unread(magic, 0, n);
        if ((magic[0] & 0xFF) == 0x1F && (magic[1] & 0xFF) == 0x8B) {
            return GzipCompressorInputStream.builder()
                    .setInputStream(pushback)
                    .setDecompressConcatenated(true)
                    .setBufferSize(BUFFER)
                    .get();
        }
        if ((magic[0] & 0xFF) == 0x28 && (magic[1] & 0xFF) == 0xB5 && magic[2] == 0x2F && (magic[3] & 0xFF) == 0xFD) {
            return new ZstdInputStreamNoFinalizer(pushback);
        }
        return pushback;
    }
}
