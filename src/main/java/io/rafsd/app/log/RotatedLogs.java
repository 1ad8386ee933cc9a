package io.rafsd.app.log;

import ch.qos.logback.core.rolling.RollingPolicyBase;
import ch.qos.logback.core.rolling.RolloverFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Puts full logs aside as nydusd does: {@code NAME_rCURRENT.log} is written; what is put aside is named after the moment,
 * {@code NAME_r2026-07-22_10-20-30.log.gz}; the ten newest are kept. They are compressed in the background. On a disk that has
 * no room for that they stay as they are; there are never more than ten.
 */
public final class RotatedLogs extends RollingPolicyBase {

    static final String CURRENT = "_rCURRENT";
    static final int KEPT = 10;

    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".part";
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss");

    private final ExecutorService background = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("log-rotation").daemon(true).factory());

    @Override
    public String getActiveFileName() {
        return getParentsRawFileProperty();
    }

    @Override
    public void rollover() {
        Path current = Path.of(getActiveFileName());
        try {
            Files.move(current, free(current));
            prune(current);
        } catch (IOException e) {
            throw new RolloverFailure("log file " + current + " cannot be put aside: " + e.getMessage(), e);
        }
        background.execute(() -> compress(current));
    }

    /** A name that sorts after all that were given before. */
    private static Path free(Path current) throws IOException {
        String name = current.getFileName().toString();
        int at = name.lastIndexOf(CURRENT);
        String stem = name.substring(0, at) + "_r" + MOMENT.format(LocalDateTime.now(ZoneId.systemDefault()));
        String extension = name.substring(at + CURRENT.length());
        List<Path> given = aside(current);
        Path path = current.resolveSibling(stem + extension);
        for (int i = 0; !given.isEmpty() && isNoLater(path, given.getFirst()); i++) {
            path = current.resolveSibling("%s.restart-%04d%s".formatted(stem, i, extension));
        }
        return path;
    }

    private static boolean isNoLater(Path path, Path newest) {
        return withSuffix(path, COMPRESSED).compareTo(newest) <= 0 || path.equals(newest);
    }

    private static Path withSuffix(Path path, String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    private static void prune(Path current) throws IOException {
        for (Path old : aside(current).stream().skip(KEPT).toList()) {
            Files.deleteIfExists(old);
        }
    }

    /** What was put aside, newest first. */
    private static List<Path> aside(Path current) throws IOException {
        String name = current.getFileName().toString();
        String stem = name.substring(0, name.lastIndexOf(CURRENT)) + "_r2";
        try (Stream<Path> files = Files.list(current.toAbsolutePath().getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(stem))
                    .filter(file -> !file.toString().endsWith(UNFINISHED))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private void compress(Path current) {
        try {
            for (Path file : aside(current)) {
                if (!file.toString().endsWith(COMPRESSED) && Files.exists(file)) {
                    compressOne(file);
                }
            }
            prune(current);
        } catch (NoSuchFileException e) {
            // It was the oldest one, and a newer one has been put aside meanwhile.
        } catch (IOException e) {
            addWarn("logs that were put aside could not be compressed: " + e.getMessage());
        }
    }

    private static void compressOne(Path file) throws IOException {
        Path unfinished = withSuffix(file, UNFINISHED);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
            Files.copy(file, out);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
        Files.move(unfinished, withSuffix(file, COMPRESSED), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(file);
    }
}
