package io.rafsd.builder;

import java.nio.file.Path;

/** What an image is built from. */
public sealed interface ImageSource {

    /** Where it lies. */
    Path path();

    /** A directory tree; nobody may write to it meanwhile, what changes while it is read fails the build. */
    record Directory(Path path) implements ImageSource {}

    /** A tar of any dialect, as it is or compressed by gzip or zstd; may be a pipe. */
    record Tar(Path path) implements ImageSource {}

    /**
     * A tar or tar.gz that stays as it is: the image refers to it, and what is built beside it tells where in it each chunk
     * lies. May be a pipe.
     */
    record Layer(Path path) implements ImageSource {}
}
