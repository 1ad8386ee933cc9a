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
 * @param buildTime of its sources, so that the same sources give the same build
 */
public record Version(String version, String commit, String buildTime) {

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
                    properties.getProperty("version", "unknown"),
                    properties.getProperty("commit", "unknown"),
                    properties.getProperty("time", "unknown"));
        } catch (IOException e) {
            throw new UncheckedIOException("a resource of our own cannot be read", e);
        }
    }

    /** What {@code nydusd --version} prints, for programs that look for its lines. */
    public String text(String program) {
        return """
                %s %s
                Version: \tv%s
                Git Commit: \t%s
                Build Time: \t%s
                Profile: \trelease
                Rustc: \t\tnone (Java %s)""".formatted(program, version, version, commit, buildTime, System.getProperty("java.version"));
    }
}
