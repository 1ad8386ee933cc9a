package io.rafsd.demo.registry;

import java.io.IOException;

/** A request that is answered with an error of the distribution specification. */
final class Refusal extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /** @param code of the specification's table, for example {@code BLOB_UNKNOWN} */
    Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }
}
