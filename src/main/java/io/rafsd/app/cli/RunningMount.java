package io.rafsd.app.cli;

import io.rafsd.linux.RuntimeDirectory;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A mount that {@code rafsd mount} made and a process serves, as it is noted for {@code list} and {@code umount}: one small
 * file each in the runtime directory, gone with the process or found stale after it.
 *
 * @param image reference
 * @param mountPoint absolute
 * @param pid of the process
 */
record RunningMount(String image, Path mountPoint, long pid) {

    private static final String ENDING = ".mount";
    private static final String LOG_ENDING = ".log";

    static Path directory() throws IOException {
        return Files.createDirectories(RuntimeDirectory.ofThisUser());
    }

    /** What a process in the background says; stays if the process dies or does not come up. */
    static Path log(Path mountPoint) throws IOException {
        return file(mountPoint, LOG_ENDING);
    }

    /** A file name for what belongs to a mount point. */
    private static Path file(Path mountPoint, String ending) throws IOException {
        String name = HexFormat.of().toHexDigits(mountPoint.toString().hashCode());
        return directory().resolve(mountPoint.getFileName() + "-" + name + ending);
    }

    /** Those whose process lives; notes of dead ones are removed. */
    static List<RunningMount> all() throws IOException {
        List<RunningMount> found = new ArrayList<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(directory(), "*" + ENDING)) {
            for (Path note : notes) {
                RunningMount mount = read(note);
                if (ProcessHandle.of(mount.pid).filter(ProcessHandle::isAlive).isPresent()) {
                    found.add(mount);
                } else {
                    Files.deleteIfExists(note);
                }
            }
        }
        return found;
    }

    static @Nullable RunningMount at(Path mountPoint) throws IOException {
        for (RunningMount mount : all()) {
            if (mount.mountPoint.equals(mountPoint)) {
                return mount;
            }
        }
        return null;
    }

    private static RunningMount read(Path note) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(note, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return new RunningMount(
                properties.getProperty("image", "?"),
                Path.of(properties.getProperty("mountpoint", "?")),
                Long.parseLong(properties.getProperty("pid", "-1")));
    }

    /** Notes it. */
    void write() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("image", image);
        properties.setProperty("mountpoint", mountPoint.toString());
        properties.setProperty("pid", Long.toString(pid));
        Path note = file(mountPoint, ENDING);
        Path temporary = note.resolveSibling(note.getFileName() + ".part");
        try (Writer writer = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
            properties.store(writer, null);
        }
        Files.move(temporary, note, StandardCopyOption.ATOMIC_MOVE);
    }

    /** It has ended as it should. */
    void forget() throws IOException {
        Files.deleteIfExists(file(mountPoint, ENDING));
        Files.deleteIfExists(log(mountPoint));
    }
}
