package io.rafsd.builder;

import org.jspecify.annotations.Nullable;

/**
 * Some consecutive chunks of one file, in a {@link PieceBuffer}.
 *
 * @param data of the file
 * @param fileSize of the whole file, bytes
 * @param offset in the file, a multiple of the chunk size
 * @param length bytes
 * @param start in the buffer
 * @param unread the entry whose file is still to be read, null if the bytes are in the buffer already
 */
record Span(
        FileData data,
        long fileSize,
        long offset,
        int length,
        int start,
        @Nullable Entry unread) {

    boolean isLast() {
        return offset + length == fileSize;
    }

    /** Whether it is all of a file that has one chunk. */
    boolean isWhole(int chunkSize) {
        return fileSize <= chunkSize;
    }
}
