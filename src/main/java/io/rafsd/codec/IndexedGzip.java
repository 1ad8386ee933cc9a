package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;

/**
 * Inflates a gzip file of one or many members, knows at every byte how much of the file it took, and remembers now and
 * then the start of a deflate block as a place to begin anew: the JDK's inflater tells neither. It decodes no further than
 * it is asked, so that positions are exact. Members' checksums are verified. For one thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
public final class IndexedGzip {

    /** A new place to begin is remembered after so many bytes of content, or of the file. */
    private static final int CONTENT_BETWEEN = 1 << 20;

    private static final int FILE_BETWEEN = 1 << 19;
    private static final int RING = 1 << 16;
    private static final int MASK = RING - 1;
    /** Content that may wait in the ring, so that what matches look back to is still there. */
    private static final int AHEAD = RING - InflateWindow.MAX_DICTIONARY - 258;

    private static final int MAGIC = 0x8B1F;
    private static final int DEFLATE = 8;

    private final DeflateCodes codes = new DeflateCodes();
    private final BitInput in;
    private final byte[] ring = new byte[RING];
    private final CRC32 crc = new CRC32();
    private State state = State.MEMBER;
    private boolean isLastBlock;
    private int storedLeft;
    private long produced;
    private long checked;
    private long given;
    private long memberStart;
    private int members;
    private Checkpoint checkpoint = new Checkpoint(0, 0, new InflateWindow(0, 0, MemorySegment.ofArray(new byte[0])));

    /**
     * The start of a deflate block.
     *
     * @param offset in the file, of the first byte that is all the block's
     * @param contentOffset in the content
     * @param window from which it can be inflated
     */
    public record Checkpoint(long offset, long contentOffset, InflateWindow window) {}

    private enum State {
        MEMBER,
        BLOCK,
        STORED,
        COMPRESSED,
        END
    }

    public IndexedGzip(InputStream in) {
        this.in = new BitInput(in);
    }

    /** Bytes of the file that all content up to the last byte given has been decoded from. */
    public long position() {
        return in.position();
    }

    /** Bytes of content given. */
    public long contentPosition() {
        return given;
    }

    /** The last place to begin before the next byte. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /**
     * Decodes the next byte without giving it, so that {@link #position} counts what it takes.
     *
     * @return false at the end of the content
     */
    public boolean lookAhead() throws IOException {
        return produced > given || produce(1);
    }

    /**
     * Gives content.
     *
     * @return bytes given, -1 at the end of the content
     * @throws IntegrityFailure if the file is damaged
     */
    public int read(byte[] target, int offset, int length) throws IOException {
        int done = 0;
        while (done < length && (produced > given || produce(Math.min(length - done, AHEAD)))) {
            int at = (int) given & MASK;
            int n = (int) Math.min(Math.min(length - done, produced - given), RING - at);
            System.arraycopy(ring, at, target, offset + done, n);
            given += n;
            done += n;
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    private boolean produce(int wanted) throws IOException {
        long target = given + wanted;
        while (produced < target && state != State.END) {
            switch (state) {
                case MEMBER -> beginMember();
                case BLOCK -> beginBlock();
                case STORED -> copyStored(target);
                case COMPRESSED -> inflate(target);
                case END -> throw new IllegalStateException("nothing is left");
            }
        }
        check();
        return produced > given;
    }

    /** Goes into the next member; what follows the last one and is none, like zeros on a tape, is no content. */
    private void beginMember() throws IOException {
        if (in.isAtEnd() || members > 0 && in.peek(16) != MAGIC) {
            state = State.END;
            return;
        }
        if (in.take(16) != MAGIC || in.take(8) != DEFLATE) {
            throw damaged("no gzip member begins there");
        }
        int flags = in.take(8);
        // Time, and how hard the compressor tried.
        in.take(32);
        in.take(16);
        if ((flags & 4) != 0) {
            for (int left = in.take(16); left > 0; left--) {
                in.take(8);
            }
        }
        skipText(flags & 8);
        skipText(flags & 16);
        if ((flags & 2) != 0) {
            in.take(16);
        }
        members++;
        memberStart = produced;
        crc.reset();
        state = State.BLOCK;
    }

    private void skipText(int isThere) throws IOException {
        while (isThere != 0 && in.take(8) != 0) {
            // A name or a comment.
        }
    }

    private void beginBlock() throws IOException {
        if (isLastBlock) {
            endMember();
            return;
        }
        remember();
        isLastBlock = in.take(1) == 1;
        switch (in.take(2)) {
            case 0 -> {
                in.align();
                storedLeft = in.take(16);
                if (in.take(16) != (storedLeft ^ 0xFFFF)) {
                    throw damaged("a stored block contradicts its own length");
                }
                state = State.STORED;
            }
            case 1 -> {
                codes.setFixed();
                state = State.COMPRESSED;
            }
            case 2 -> {
                codes.read(in);
                state = State.COMPRESSED;
            }
            default -> throw damaged("a block is of no kind there is");
        }
    }

    private void endMember() throws IOException {
        check();
        in.align();
        int expected = in.take(32);
        int length = in.take(32);
        if (expected != (int) crc.getValue() || length != (int) (produced - memberStart)) {
            throw damaged("the content of a member has not its checksum");
        }
        isLastBlock = false;
        state = State.MEMBER;
    }

    private void remember() {
        boolean due = produced - checkpoint.contentOffset >= CONTENT_BETWEEN
                || in.position() - checkpoint.offset >= FILE_BETWEEN
                || checkpoint.offset == 0;
        if (due) {
            int size = (int) Math.min(InflateWindow.MAX_DICTIONARY, produced - memberStart);
            byte[] dictionary = new byte[size];
            for (int i = 0; i < size; i++) {
                dictionary[i] = ring[(int) (produced - size + i) & MASK];
            }
            checkpoint = new Checkpoint(
                    in.position(),
                    produced,
                    new InflateWindow(in.bitsLeft(), in.partialByte(), MemorySegment.ofArray(dictionary)));
        }
    }

    private void copyStored(long target) throws IOException {
        while (storedLeft > 0 && produced < target) {
            int at = (int) produced & MASK;
            int n = (int) Math.min(Math.min(storedLeft, target - produced), RING - at);
            int taken = in.take(ring, at, n);
            produced += taken;
            storedLeft -= taken;
        }
        if (storedLeft == 0) {
            state = State.BLOCK;
        }
    }

    private void inflate(long target) throws IOException {
        long at = produced;
        while (at < target) {
            int symbol = codes.literal(in);
            if (symbol < DeflateCodes.END_OF_BLOCK) {
                ring[(int) at++ & MASK] = (byte) symbol;
            } else if (symbol == DeflateCodes.END_OF_BLOCK) {
                state = State.BLOCK;
                break;
            } else {
                int length = codes.length(symbol, in);
                int distance = codes.distance(in);
                if (distance > at - memberStart) {
                    throw damaged("a match looks back before the content");
                }
                for (int i = 0; i < length; i++, at++) {
                    ring[(int) at & MASK] = ring[(int) (at - distance) & MASK];
                }
            }
        }
        produced = at;
    }

    /** Adds to the member's checksum what is in the ring and not in it yet. */
    private void check() {
        while (checked < produced) {
            int at = (int) checked & MASK;
            int n = (int) Math.min(produced - checked, RING - at);
            crc.update(ring, at, n);
            checked += n;
        }
    }

    private IntegrityFailure damaged(String how) {
        return new IntegrityFailure("the gzip data is damaged before its byte " + in.position() + ": " + how);
    }
}
