package io.rafsd.oci;

import java.util.List;
import java.util.Locale;

/**
 * Which machines an image is for.
 *
 * @param os {@code linux}
 * @param architecture as Go names it: {@code amd64}, {@code arm64}
 * @param features that the image wants of the machine ({@code os.features})
 */
public record Platform(String os, String architecture, List<String> features) {

    /** How builders before 2.3.5 marked a RAFS image in an index. */
    private static final String NYDUS_FEATURE = "nydus.remoteimage.v1";

    public Platform(String os, String architecture) {
        this(os, architecture, List.of());
    }

    /** Whether machines of the other kind run it. */
    public boolean suits(Platform machine) {
        return os.equals(machine.os) && architecture.equals(machine.architecture);
    }

    boolean marksNydus() {
        return features.contains(NYDUS_FEATURE);
    }

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
