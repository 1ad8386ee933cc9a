package io.rafsd.builder.tar;

import io.rafsd.error.InvalidRequest;
import java.util.ArrayList;
import java.util.List;

/** Where the data of a sparse file lies: pieces in ascending order, zeros between them. */
final class SparseMap {

    private final List<Piece> pieces = new ArrayList<>();

    /** Data at a place of the file. */
    record Piece(long offset, long length) {}

    /** @throws InvalidRequest if the piece lies before the end of the last one */
    void add(long offset, long length) throws InvalidRequest {
        long end = pieces.isEmpty() ? 0 : pieces.getLast().offset + pieces.getLast().length;
        if (offset < end || length < 0 || offset + length < 0) {
            throw new InvalidRequest("sparse file in the archive: its data at " + offset + ", " + length
                    + " bytes, overlaps what lies before");
        }
        if (length > 0) {
            pieces.add(new Piece(offset, length));
        }
    }

    List<Piece> pieces() {
        return pieces;
    }

    /** Bytes of all pieces, which is what the archive holds. */
    long stored() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }

    /** First byte behind the last piece. */
    long end() {
        return pieces.isEmpty() ? 0 : pieces.getLast().offset + pieces.getLast().length;
    }
}
