package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.Encoding;
import io.rafsd.codec.InflateWindow;
import io.rafsd.error.InvalidImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The pieces of a blob that hold several chunks each. Checked when they are read; safe for many threads. */
sealed interface Contexts {

    /** A batch or window decodes to no more; memory is taken by these figures. */
    int MAX_SIZE = 32 << 20;

    int count();

    /** Where a piece lies in the blob; a batch does not know itself, but its chunks do. */
    long offset(int context, long offsetOfChunk);

    int storedSize(int context);

    /** Bytes that a piece decodes to. */
    int size(int context);

    Encoding encoding(int context);

    /** Bytes of a chunk table up to its dictionaries, by what its header says. */
    static long bytesBeforeDictionaries(BlobInfo blob, ChunkTableHeader header) {
        long all = blob.chunkTable().uncompressedSize();
        return blob.has(BlobFeatures.ZRAN)
                ? Math.min(
                        all,
                        (long) blob.chunkCount() * ChunkEntry.SIZE_V2
                                + Integer.toUnsignedLong(header.contextCount()) * ZranContext.SIZE)
                : all;
    }

    /**
     * Reads the contexts behind the entries of a chunk table; none if the blob has none.
     *
     * @param dictionaries of a gzip file's windows; null if they are in the table, behind its contexts
     * @throws InvalidImage with the context and the rule that it breaks
     */
    static Contexts decode(
            BlobInfo blob, ChunkTableHeader header, MemorySegment table, @Nullable Dictionaries dictionaries)
            throws InvalidImage {
        boolean zran = blob.has(BlobFeatures.ZRAN);
        if (!zran && !blob.has(BlobFeatures.BATCH)) {
            return new Batches(blob, MemorySegment.ofArray(new byte[0]), 0);
        }
        long entries = (long) blob.chunkCount() * ChunkEntry.SIZE_V2;
        long count = Integer.toUnsignedLong(header.contextCount());
        long room = table.byteSize() - entries;
        if (header.contextOffset() != entries && count > 0 || count * ZranContext.SIZE > room) {
            throw new InvalidImage("blob " + blob.id() + ": " + count + " contexts at " + header.contextOffset()
                    + " of the chunk table of " + table.byteSize() + " bytes do not follow its entries, which end at "
                    + entries);
        }
        // Kept as long as the table is, which nobody closes.
        MemorySegment area = Arena.ofAuto().allocate(Math.max(1, room)).asSlice(0, room);
        area.copyFrom(table.asSlice(entries));
        Contexts contexts = zran
                ? new Windows(
                        area.asSlice(0, count * ZranContext.SIZE),
                        dictionaries != null
                                ? dictionaries
                                : new Dictionaries.InMemory(area.asSlice(count * ZranContext.SIZE)),
                        (int) count)
                : new Batches(blob, area.asSlice(0, count * BatchContext.SIZE), (int) count);
        for (int i = 0; i < count; i++) {
            String broken = contexts.check(i);
            if (broken != null) {
                throw new InvalidImage("blob " + blob.id() + ", context " + i + " of the chunk table: " + broken);
            }
        }
        return contexts;
    }

    /** The rule that a context breaks, or null. */
    @Nullable
    String check(int context);

    private static boolean isSize(int size) {
        return size > 0 && size <= MAX_SIZE;
    }

    /** Batches. */
    record Batches(BlobInfo blob, MemorySegment table, int count) implements Contexts {

        @Override
        public long offset(int context, long offsetOfChunk) {
            return offsetOfChunk;
        }

        @Override
        public int storedSize(int context) {
            return BatchContext.at(table, context).storedSize();
        }

        @Override
        public int size(int context) {
            return BatchContext.at(table, context).size();
        }

        @Override
        public Encoding encoding(int context) {
            return Encodings.of(blob, storedSize(context) != size(context), blob.has(BlobFeatures.ENCRYPTED));
        }

        @Override
        public @Nullable String check(int context) {
            return isSize(storedSize(context)) && isSize(size(context))
                    ? null
                    : "a batch of " + Integer.toUnsignedLong(storedSize(context)) + " bytes for "
                            + Integer.toUnsignedLong(size(context)) + " is not of 1 to " + MAX_SIZE;
        }
    }

    /** Windows of a gzip file. */
    record Windows(MemorySegment table, Dictionaries dictionaries, int count) implements Contexts {

        private ZranContext at(int context) {
            return ZranContext.at(table, context);
        }

        @Override
        public long offset(int context, long offsetOfChunk) {
            return at(context).offset();
        }

        @Override
        public int storedSize(int context) {
            return at(context).storedSize();
        }

        @Override
        public int size(int context) {
            return at(context).size();
        }

        @Override
        public Encoding encoding(int context) {
            ZranContext found = at(context);
            return new Encoding.Window(
                    found.bits(),
                    found.previous(),
                    new Dictionaries.Entry(dictionaries, found.dictionaryOffset(), found.dictionarySize()));
        }

        @Override
        public @Nullable String check(int context) {
            ZranContext found = at(context);
            if (!isSize(found.storedSize()) || !isSize(found.size())) {
                return "a window of " + Integer.toUnsignedLong(found.storedSize()) + " bytes for "
                        + Integer.toUnsignedLong(found.size()) + " is not of 1 to " + MAX_SIZE;
            }
            if (found.bits() > 7) {
                return "a byte has not " + found.bits() + " bits left";
            }
            if (found.dictionarySize() < 0
                    || found.dictionarySize() > InflateWindow.MAX_DICTIONARY
                    || found.dictionaryOffset() < 0
                    || found.dictionaryOffset() > dictionaries.size() - found.dictionarySize()) {
                return "a dictionary of " + Integer.toUnsignedLong(found.dictionarySize()) + " bytes at "
                        + Long.toUnsignedString(found.dictionaryOffset()) + " does not lie in the "
                        + dictionaries.size() + " bytes of dictionaries";
            }
            return null;
        }
    }
}
