package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of the files' bytes.
 *
 * @param blob what the image states about the blob, null if there are no bytes
 * @param chunks of the blob, by index
 * @param fileChunks indexes of each file's chunks, by the number of its entry
 * @param fileBytes of all files
 * @param repeated chunks of files that an earlier chunk stands for
 */
record BlobContent(
        @Nullable BlobInfo blob, List<StoredChunk> chunks, List<int[]> fileChunks, long fileBytes, long repeated) {

    /** Bytes of all chunks as the blob holds them. */
    long storedBytes() {
        return chunks.stream().mapToLong(StoredChunk::compressedSize).sum();
    }

    /** Indexes of the chunks of a file. */
    int[] chunksOf(Entry entry) {
        return fileChunks.get(entry.file().number());
    }
}
