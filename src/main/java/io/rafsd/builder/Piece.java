package io.rafsd.builder;

import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What one worker reads at a time: some consecutive chunks of one file.
 *
 * @param file not empty
 * @param offset in the file, a multiple of the chunk size
 * @param length bytes
 */
record Piece(Entry file, long offset, int length) {

    /** Small chunks are handed out by the megabyte: handing over costs more than a small chunk. */
    private static final int MIN_SIZE = 1 << 20;

    static int size(int chunkSize) {
        return Math.max(chunkSize, MIN_SIZE);
    }

    boolean isLast() {
        return offset + length == file.status().size();
    }

    /** All pieces of the files, in their order. */
    static Iterator<Piece> of(List<Entry> files, int chunkSize) {
        int most = size(chunkSize);
        return files.stream()
                .flatMap(file -> {
                    long size = file.status().size();
                    return LongStream.range(0, (size + most - 1) / most)
                            .map(piece -> piece * most)
                            .mapToObj(at -> new Piece(file, at, (int) Math.min(most, size - at)));
                })
                .iterator();
    }
}
