package io.rafsd.upgrade;

import java.io.IOException;

/** Whoever has what the last daemon left. */
@FunctionalInterface
public interface Predecessor {

    /** What was left; the receiver closes the descriptor. May be asked for again. */
    Estate estate() throws IOException;
}
