package io.rafsd.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted in this process's mount namespace. Read as text: asking the filesystem itself would need its server.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</a>
 */
public final class MountTable {

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    private MountTable() {}

    /**
     * One mount.
     *
     * @param major of its device number
     * @param minor of its device number
     * @param mountPoint where
     * @param type of the filesystem
     * @param source what its kind of filesystem calls a source
     */
    public record Entry(int major, int minor, String mountPoint, String type, String source) {}

    /** All mounts, oldest first. */
    public static List<Entry> read() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                entries.add(parse(line));
            }
        }
        return entries;
    }

    /** The uppermost mount at this path, or null. */
    public static @Nullable Entry at(Path mountPoint) throws IOException {
        Entry found = null;
        for (Entry entry : read()) {
            if (entry.mountPoint().equals(mountPoint.toString())) {
                found = entry;
            }
        }
        return found;
    }

    static Entry parse(String line) {
        String[] fields = line.split(" ", -1);
        String[] device = fields[2].split(":", -1);
        int separator = 6;
        while (!fields[separator].equals("-")) {
            separator++;
        }
        return new Entry(
                Integer.parseInt(device[0]),
                Integer.parseInt(device[1]),
                unescape(fields[4]),
                unescape(fields[separator + 1]),
                unescape(fields[separator + 2]));
    }

    /** The kernel writes space, tab, newline and backslash as a backslash and three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }
}
