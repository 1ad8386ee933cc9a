package io.rafsd.oci;

import java.util.Locale;

/**
 * Which machines an image is for.
 *
 * @param os {@code linux}
 * @param architecture as Go names it: {@code amd64}, {@code arm64}
 */
public record Platform(String os, String architecture) {

    /** The machine we run on. */
    public static Platform current() {
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return new Platform(
                "linux",
                switch (arch) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> arch;
                });
    }

    @Override
    public String toString() {
        return os + "/" + architecture;
    }
}
