package io.rafsd.builder;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hands out the files of a directory, unread: whoever takes a piece reads it, many at a time. */
final class FilePieces implements PieceSource {

    private final Iterator<Entry> files;
    private @Nullable Entry file;
    private long offset;

    /** @param files in the order in which the blob stores them */
    FilePieces(List<Entry> files) {
        this.files = files.iterator();
    }

    @Override
    public boolean next(PieceBuffer buffer) {
        boolean any = false;
        while (advance()) {
            Entry current = file;
            if (current == null) {
                break;
            }
            long size = current.facts().size();
            int length = buffer.room(size - offset);
            if (length == 0) {
                break;
            }
            buffer.add(current.data(), size, offset, length, current);
            offset += length;
            any = true;
        }
        return any;
    }

    /** Goes on to the next file that has bytes left. */
    private boolean advance() {
        while (file == null || offset == file.facts().size()) {
            if (!files.hasNext()) {
                return false;
            }
            file = files.next();
            offset = 0;
        }
        return true;
    }
}
