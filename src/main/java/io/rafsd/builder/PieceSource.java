package io.rafsd.builder;

import java.io.IOException;

/** The content of files, piece by piece in the order in which the blob stores it. For one thread. */
@FunctionalInterface
interface PieceSource {

    /**
     * Adds spans to an empty buffer until it is full or nothing is left.
     *
     * @return false if nothing was left
     */
    boolean next(PieceBuffer buffer) throws IOException;
}
