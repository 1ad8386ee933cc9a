package io.rafsd.linux;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A path as the kernel sees it: bytes that need not be text. The JVM's own paths pass through the locale's charset, which
 * cannot carry every name.
 */
public final class RawPath {

    private final byte[] bytes;

    private RawPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A path that is text, in UTF-8. */
    public static RawPath of(Path path) {
        return new RawPath(path.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The entry {@code name} of this directory. */
    public RawPath resolve(byte[] name) {
        boolean slash = bytes.length > 0 && bytes[bytes.length - 1] == '/';
        byte[] joined = Arrays.copyOf(bytes, bytes.length + (slash ? 0 : 1) + name.length);
        if (!slash) {
            joined[bytes.length] = '/';
        }
        System.arraycopy(name, 0, joined, joined.length - name.length, name.length);
        return new RawPath(joined);
    }

    /** Opens what lies there. */
    public Fd open(int flags) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            return Fd.open(cString(arena), toString(), flags, 0);
        }
    }

    /** A NUL-terminated copy. */
    public MemorySegment cString(Arena arena) {
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    /** For messages: bytes outside printable ASCII as {@code \xNN}, so that no name can disguise itself. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            if (b < ' ' || b == 0x7F || b == '\\') {
                text.append(String.format("\\x%02x", b));
            } else {
                text.append((char) b);
            }
        }
        return text.toString();
    }
}
