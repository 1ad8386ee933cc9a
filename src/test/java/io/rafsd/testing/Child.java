package io.rafsd.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A finished command. Tests touch a mount of their own JVM through children only: a thread that waits for its own
 * process's answer could wait for ever.
 */
public final class Child {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int status;
    private final byte[] output;
    private final String errors;

    private Child(int status, byte[] output, String errors) {
        this.status = status;
        this.output = output;
        this.errors = errors;
    }

    public int status() {
        return status;
    }

    public String errors() {
        return errors;
    }

    /** Runs to the end, which is a minute away at most. */
    public static Child run(String... command) throws IOException, InterruptedException {
        return run(PATIENCE, command);
    }

    /** Runs to the end. */
    public static Child run(Duration patience, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".out");
        Path errors = Files.createTempFile("child", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(patience)) {
                process.destroyForcibly();
                throw new AssertionError("did not end within " + patience.toSeconds() + " s: " + List.of(command));
            }
            return new Child(process.exitValue(), Files.readAllBytes(output), Files.readString(errors));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    /** Runs a script of Python with {@code arguments}; errors end in a status of 1. */
    public static Child python(String script, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = "python3";
        command[1] = "-c";
        command[2] = script;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return run(command);
    }

    /** What it wrote, if it ended well. */
    public String text() {
        return new String(bytes(), StandardCharsets.ISO_8859_1);
    }

    public byte[] bytes() {
        if (status != 0) {
            throw new AssertionError("ended with status " + status + ": " + errors);
        }
        return output;
    }
}
