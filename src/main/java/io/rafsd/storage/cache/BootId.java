package io.rafsd.storage.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Tells one run of the kernel from another: what was written before a crash of the machine may be gone. */
final class BootId {

    private static final Path SOURCE = Path.of("/proc/sys/kernel/random/boot_id");

    private BootId() {}

    /** The kernel's; a random one, which equals no other, where it cannot be read. */
    static UUID current() {
        try {
            return UUID.fromString(Files.readString(SOURCE).strip());
        } catch (IOException | IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }
}
