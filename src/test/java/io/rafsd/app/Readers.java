package io.rafsd.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Children that walk a mounted tree and compare every byte with the tree it was made of, round after round, and let the
 * kernel forget what it has read, so that somebody must serve it again.
 */
final class Readers implements AutoCloseable {

    private static final String SCRIPT = """
            import os, sys, time
            source, mounted, stop = sys.argv[1:4]
            rounds = wrong = errors = 0
            longest = 0.0
            first = ''
            while True:
                try:
                    for here, directories, files in os.walk(source):
                        there = mounted + here[len(source):]
                        begin = time.monotonic()
                        if sorted(os.listdir(there)) != sorted(directories + files):
                            wrong += 1
                            first = first or 'listing of ' + there
                        for name in files:
                            with open(os.path.join(here, name), 'rb') as a:
                                expected = a.read()
                            fd = os.open(os.path.join(there, name), os.O_RDONLY)
                            try:
                                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                                begin = time.monotonic()
                                found = b''
                                while True:
                                    piece = os.read(fd, 1 << 17)
                                    if not piece:
                                        break
                                    found += piece
                                longest = max(longest, time.monotonic() - begin)
                            finally:
                                os.close(fd)
                            if found != expected:
                                wrong += 1
                                first = first or os.path.join(there, name)
                except OSError as e:
                    errors += 1
                    first = first or str(e)
                    time.sleep(0.01)
                rounds += 1
                if os.path.exists(stop):
                    break
            print(rounds, errors, wrong, '%.3f' % longest, first)
            """;

    private final Path stop;
    private final List<Process> children = new ArrayList<>();

    Readers(int count, Path source, Path mounted, Path work) throws IOException {
        this.stop = work.resolve("stop-" + System.nanoTime());
        for (int i = 0; i < count; i++) {
            children.add(
                    new ProcessBuilder("python3", "-c", SCRIPT, source.toString(), mounted.toString(), stop.toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start());
        }
    }

    /**
     * What they met.
     *
     * @param rounds of all together
     * @param errors calls that failed
     * @param wrong files and listings that differ
     * @param longestSeconds that one file took
     * @param first of what went wrong, empty if nothing did
     */
    record Result(long rounds, long errors, long wrong, double longestSeconds, String first) {}

    /** Lets them finish their round. */
    Result finish() throws IOException, InterruptedException {
        Files.writeString(stop, "");
        Result sum = new Result(0, 0, 0, 0, "");
        for (Process child : children) {
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (child.waitFor() != 0) {
                throw new AssertionError("a reader ended with status " + child.exitValue() + ": " + said);
            }
            String[] fields = said.split(" ", 5);
            sum = new Result(
                    sum.rounds + Long.parseLong(fields[0]),
                    sum.errors + Long.parseLong(fields[1]),
                    sum.wrong + Long.parseLong(fields[2]),
                    Math.max(sum.longestSeconds, Double.parseDouble(fields[3])),
                    sum.first.isEmpty() && fields.length > 4 ? fields[4] : sum.first);
        }
        return sum;
    }

    @Override
    public void close() {
        children.forEach(Process::destroyForcibly);
    }
}
