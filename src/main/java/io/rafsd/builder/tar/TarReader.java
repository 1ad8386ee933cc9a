package io.rafsd.builder.tar;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads members one after the other: old tar, ustar, GNU with long names and sparse files, pax. Archives that were joined
 * are read through. commons-compress would turn names and values into text on the way. For one thread.
 */
public final class TarReader {

    private static final int MAX_RECORDS = 16 << 20;
    private static final int OLD_SPARSE_AT = 386;
    private static final int OLD_SPARSE_PIECES = 4;
    private static final int OLD_SPARSE_REAL_SIZE = 483;
    private static final int EXTENSION_PIECES = 21;
    private static final int SPARSE_ENTRY = 24;
    private static final long NANOS = 1_000_000_000L;

    private final InputStream in;
    private final PaxRecords global = new PaxRecords();
    private long position;
    /** Bytes that the archive still holds of this member, without padding. */
    private long stored;

    private long padding;
    /** Of the member's content, holes included: what has been read, and what there is. */
    private long read;

    private long size;
    private boolean holes;
    private @Nullable Iterator<SparseMap.Piece> pieces;
    private SparseMap.@Nullable Piece piece;

    /** @param in the archive, not compressed */
    public TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next member; what was not read of the one before is skipped.
     *
     * @return null at the end of the archive
     * @throws InvalidRequest if the archive is damaged
     */
    public @Nullable TarEntry next() throws IOException {
        skip(stored + padding);
        stored = 0;
        padding = 0;
        PaxRecords local = new PaxRecords();
        local.addAll(global);
        byte @Nullable [] longName = null;
        byte @Nullable [] longLink = null;
        while (true) {
            TarHeader header = header();
            if (header == null) {
                return null;
            }
            switch (header.type()) {
                case 'x', 'X' -> local.add(content(header), header.offset());
                case 'g' -> {
                    byte[] records = content(header);
                    global.add(records, header.offset());
                    local.add(records, header.offset());
                }
                case 'L' -> longName = upToNul(content(header));
                case 'K' -> longLink = upToNul(content(header));
                case 'V' -> skip(padded(header.size()));
                case 'M', 'N' ->
                    throw new Unsupported("tar header at " + header.offset()
                            + ": a part of an archive of several volumes is not read; join it first");
                default -> {
                    return member(header, local, longName, longLink);
                }
            }
        }
    }

    /** Whether the archive leaves out zeros of the member. */
    public boolean hasHoles() {
        return holes;
    }

    /** Fills {@code target} with the member's next bytes, holes as zeros, of which there are so many left. */
    public void readFully(byte[] target, int offset, int length) throws IOException {
        if (length > size - read) {
            throw new IllegalArgumentException(length + " bytes of a member that has " + (size - read) + " left");
        }
        int done = 0;
        while (done < length) {
            SparseMap.Piece current = currentPiece();
            long untilPiece = current == null ? size - read : current.offset() - read;
            if (untilPiece > 0) {
                int zeros = (int) Math.min(untilPiece, length - done);
                Arrays.fill(target, offset + done, offset + done + zeros, (byte) 0);
                advance(zeros, 0);
                done += zeros;
            } else {
                long left = Objects.requireNonNull(current).offset() + current.length() - read;
                int n = (int) Math.min(left, length - done);
                readStored(target, offset + done, n);
                advance(n, n);
                done += n;
            }
        }
    }

    private SparseMap.@Nullable Piece currentPiece() {
        while (piece == null || piece.offset() + piece.length() <= read) {
            if (pieces == null || !pieces.hasNext()) {
                return null;
            }
            piece = pieces.next();
        }
        return piece;
    }

    private void advance(long bytes, long ofStored) {
        read += bytes;
        stored -= ofStored;
    }

    private @Nullable TarHeader header() throws IOException {
        while (true) {
            byte[] bytes = new byte[TarHeader.SIZE];
            long at = position;
            int n = in.readNBytes(bytes, 0, bytes.length);
            position += n;
            if (n == 0) {
                return null;
            }
            if (n < bytes.length) {
                throw cut(at);
            }
            TarHeader header = new TarHeader(bytes, at);
            // Two such end an archive; another may follow.
            if (!header.isZero()) {
                header.check();
                return header;
            }
        }
    }

    private TarEntry member(TarHeader header, PaxRecords pax, byte @Nullable [] longName, byte @Nullable [] longLink)
            throws IOException {
        stored = pax.number("size", header.size());
        padding = padded(stored) - stored;
        read = 0;
        size = stored;
        piece = null;
        SparseMap map = new SparseMap();
        boolean sparse = sparse(header, pax, map);
        if (!sparse) {
            map.add(0, size);
        }
        if (map.end() > size || map.stored() > stored) {
            throw new InvalidRequest("tar header at " + header.offset() + ": a sparse file of " + size
                    + " bytes with data up to " + map.end() + ", of which the archive holds " + stored);
        }
        holes = map.stored() < size;
        pieces = map.pieces().iterator();
        byte[] name = first(pax.bytes("GNU.sparse.name"), first(pax.bytes("path"), first(longName, header.name())));
        TarEntry.Kind kind = kind(header, name);
        BigDecimal time = pax.time("mtime");
        BigDecimal seconds =
                time == null ? BigDecimal.valueOf(header.modifiedSeconds()) : time.setScale(0, RoundingMode.FLOOR);
        int nanos = time == null
                ? 0
                : time.subtract(seconds)
                        .multiply(BigDecimal.valueOf(NANOS))
                        .setScale(0, RoundingMode.FLOOR)
                        .intValue();
        return new TarEntry(
                latin(name),
                kind,
                header.mode(),
                (int) pax.number("uid", header.uid()),
                (int) pax.number("gid", header.gid()),
                kind == TarEntry.Kind.REGULAR ? size : 0,
                seconds.longValue(),
                nanos,
                latin(first(pax.bytes("linkpath"), first(longLink, header.link()))),
                (int) pax.number("SCHILY.devmajor", isDevice(kind) ? header.major() : 0),
                (int) pax.number("SCHILY.devminor", isDevice(kind) ? header.minor() : 0),
                pax.xattrs());
    }

    private static boolean isDevice(TarEntry.Kind kind) {
        return kind == TarEntry.Kind.CHARACTER_DEVICE || kind == TarEntry.Kind.BLOCK_DEVICE;
    }

    private static byte[] first(byte @Nullable [] preferred, byte[] other) {
        return preferred == null ? other : preferred;
    }

    private static TarEntry.Kind kind(TarHeader header, byte[] name) throws Unsupported {
        return switch (header.type()) {
            // Before ustar a slash at the end made a directory.
            case 0, '0' ->
                name.length > 0 && name[name.length - 1] == '/' ? TarEntry.Kind.DIRECTORY : TarEntry.Kind.REGULAR;
            case '7', 'S' -> TarEntry.Kind.REGULAR;
            case '1' -> TarEntry.Kind.HARD_LINK;
            case '2' -> TarEntry.Kind.SYMLINK;
            case '3' -> TarEntry.Kind.CHARACTER_DEVICE;
            case '4' -> TarEntry.Kind.BLOCK_DEVICE;
            case '5', 'D' -> TarEntry.Kind.DIRECTORY;
            case '6' -> TarEntry.Kind.FIFO;
            default ->
                throw new Unsupported("tar header at " + header.offset() + ": a member of type '" + header.type()
                        + "' has no place in a file system");
        };
    }

    /** Reads where the data of a sparse file lies, in any of GNU's four forms; false if the member is not sparse. */
    private boolean sparse(TarHeader header, PaxRecords pax, SparseMap map) throws IOException {
        if (header.type() == 'S') {
            size = header.number(OLD_SPARSE_REAL_SIZE, 12, "real size");
            oldSparse(header, map);
            return true;
        }
        String list = pax.text("GNU.sparse.map");
        if (!pax.sparsePairs().isEmpty()) {
            size = pax.number("GNU.sparse.size", size);
            pairs(pax.sparsePairs().stream().mapToLong(Long::longValue).toArray(), map);
            return true;
        }
        if (list != null) {
            size = pax.number("GNU.sparse.size", size);
            pairs(numbers(list.split(",")), map);
            return true;
        }
        if ("1".equals(pax.text("GNU.sparse.major"))) {
            size = pax.number("GNU.sparse.realsize", size);
            sparseInFrontOfData(map);
            return true;
        }
        return false;
    }

    private void oldSparse(TarHeader header, SparseMap map) throws IOException {
        pieces(header, OLD_SPARSE_AT, OLD_SPARSE_PIECES, map);
        boolean more = header.isSet(OLD_SPARSE_AT + OLD_SPARSE_PIECES * SPARSE_ENTRY);
        while (more) {
            byte[] bytes = new byte[TarHeader.SIZE];
            TarHeader extension = new TarHeader(bytes, position);
            fill(bytes);
            pieces(extension, 0, EXTENSION_PIECES, map);
            more = bytes[EXTENSION_PIECES * SPARSE_ENTRY] != 0;
        }
    }

    private static void pieces(TarHeader header, int at, int count, SparseMap map) throws InvalidRequest {
        for (int i = 0; i < count; i++) {
            int entry = at + i * SPARSE_ENTRY;
            if (header.isSet(entry)) {
                map.add(header.number(entry, 12, "sparse offset"), header.number(entry + 12, 12, "sparse size"));
            }
        }
    }

    /** GNU sparse 1.0: decimal numbers, one a line, padded to a block, before the data. */
    private void sparseInFrontOfData(SparseMap map) throws IOException {
        StringBuilder lines = new StringBuilder();
        long wanted = 1;
        long found = 0;
        byte[] block = new byte[TarHeader.SIZE];
        while (found < wanted) {
            if (stored < block.length || lines.length() > MAX_RECORDS) {
                throw new InvalidRequest("sparse file in the archive at " + position + ": its map does not end");
            }
            fill(block);
            stored -= block.length;
            lines.append(new String(block, StandardCharsets.ISO_8859_1));
            found = lines.chars().filter(c -> c == '\n').count();
            if (found > 0) {
                wanted = 1 + 2 * numbers(lines.substring(0, lines.indexOf("\n")))[0];
            }
        }
        String[] numbers = lines.toString().split("\n", -1);
        pairs(numbers(Arrays.copyOfRange(numbers, 1, (int) wanted)), map);
    }

    private static void pairs(long[] numbers, SparseMap map) throws InvalidRequest {
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            map.add(numbers[i], numbers[i + 1]);
        }
    }

    private static long[] numbers(String... texts) throws InvalidRequest {
        try {
            return Arrays.stream(texts)
                    .mapToLong(text -> Long.parseLong(text.strip()))
                    .toArray();
        } catch (NumberFormatException e) {
            throw new InvalidRequest("sparse file in the archive: its map holds what is no number", e);
        }
    }

    private byte[] content(TarHeader header) throws IOException {
        long length = header.size();
        if (length > MAX_RECORDS) {
            throw new InvalidRequest("tar header at " + header.offset() + ": names and records of " + length
                    + " bytes; more than " + MAX_RECORDS + " are not read");
        }
        byte[] bytes = new byte[(int) length];
        fill(bytes);
        skip(padded(length) - length);
        return bytes;
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] upToNul(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOf(bytes, end);
    }

    private static long padded(long length) {
        return (length + TarHeader.SIZE - 1) / TarHeader.SIZE * TarHeader.SIZE;
    }

    private void fill(byte[] target) throws IOException {
        readStored(target, 0, target.length);
    }

    private void readStored(byte[] target, int offset, int length) throws IOException {
        long at = position;
        int n = in.readNBytes(target, offset, length);
        position += n;
        if (n < length) {
            throw cut(at);
        }
    }

    private void skip(long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
            position += bytes;
        } catch (EOFException e) {
            throw new InvalidRequest(
                    "the archive ends in the middle of a member that begins before " + position + "; fetch it whole",
                    e);
        }
    }

    private static InvalidRequest cut(long at) {
        return new InvalidRequest("the archive ends in the middle of what begins at " + at + "; fetch it whole");
    }
}
