package io.rafsd.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which rafsd this is; the same facts on the command line and over the API, because clients compare the two.
 *
 * @param version of the product
 * @param commit it was built from
 */
public record Version(String version, String commit) {

    private static final Version CURRENT = load();

    public static Version current() {
        return CURRENT;
    }

    private static Version load() {
        try (InputStream in = Version.class.getResourceAsStream("/rafsd.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return new Version(
                    properties.getProperty("version", "unknown"), properties.getProperty("commit", "unknown"));
        } catch (IOException e) {
            throw new UncheckedIOException("a resource of our own cannot be read", e);
        }
    }

    /** What {@code nydusd --version} prints, for programs that look for its lines. */
    public String text(String program) {
        return "%s %s%nVersion: \tv%s%nGit Commit: \t%s%nProfile: \trelease%nRustc: \tnone (Java %s)"
                .formatted(program, version, version, commit, System.getProperty("java.version"));
    }
}
