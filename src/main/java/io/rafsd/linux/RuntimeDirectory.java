package io.rafsd.linux;

import java.nio.file.Path;

/** Where a user's processes leave notes and sockets for each other until the machine is started again. */
public final class RuntimeDirectory {

    private RuntimeDirectory() {}

    /** {@code /run/rafsd} for root, else a directory of the user's own; it may not exist yet. */
    public static Path ofThisUser() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        int user = Limits.effectiveUser();
        if (user == 0) {
            return Path.of("/run/rafsd");
        }
        return runtime != null
                ? Path.of(runtime, "rafsd")
                : Path.of(System.getProperty("java.io.tmpdir"), "rafsd-" + user);
    }
}
