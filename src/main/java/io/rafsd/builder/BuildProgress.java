package io.rafsd.builder;

/** Hears how far a build is. Called on the thread that builds, often: be quick. */
@FunctionalInterface
public interface BuildProgress {

    /** For builds that nobody watches. */
    BuildProgress SILENT = (files, bytes, totalFiles, totalBytes) -> {};

    /**
     * @param files whose content is stored
     * @param bytes of content, uncompressed, that are stored
     * @param totalFiles regular files of the tree, a file with several names counted once
     * @param totalBytes of their content
     */
    void stored(long files, long bytes, long totalFiles, long totalBytes);
}
