package io.rafsd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawFilesTest {

    private static final byte[] NO_TEXT = {'a', (byte) 0xFF, '\n', (byte) 0xC3};

    @TempDir
    Path directory;

    @Test
    void nameThatIsNoTextIsListedAndOpened() throws IOException {
        RawPath path = RawPath.of(directory).resolve(NO_TEXT);
        try (Arena arena = Arena.ofConfined()) {
            Fd.open(path.cString(arena), path.toString(), Fd.O_WRONLY | Fd.O_CREAT, 0600)
                    .close();
        }

        assertThat(DirectoryNames.of(RawPath.of(directory))).containsExactly(NO_TEXT);
        assertThat(FileStatus.of(path).isRegular()).isTrue();
        assertThat(path).hasToString(directory + "/a\\xff\\x0a\\xc3");
    }

    @Test
    void directoryThatNeedsManyReadsIsListedWhole() throws IOException {
        for (int i = 0; i < 3000; i++) {
            Files.createFile(directory.resolve("a-name-that-fills-the-buffer-" + i));
        }

        assertThat(DirectoryNames.of(RawPath.of(directory)).stream()
                        .map(name -> new String(name, StandardCharsets.US_ASCII))
                        .distinct())
                .hasSize(3000)
                .contains("a-name-that-fills-the-buffer-2999")
                .doesNotContain(".", "..");
    }

    @Test
    void statusTellsWhatTheFileIs() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[5]);
        Files.createLink(directory.resolve("second"), file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        Instant time = Instant.ofEpochSecond(1_234_567_890, 123_456_789);
        Files.setLastModifiedTime(file, FileTime.from(time));

        FileStatus status = FileStatus.of(RawPath.of(file));

        assertThat(status.mode()).isEqualTo(FileStatus.REGULAR | 0751);
        assertThat(status.nlink()).isEqualTo(2);
        assertThat(status.size()).isEqualTo(5);
        assertThat(Instant.ofEpochSecond(status.modifiedSeconds(), status.modifiedNanos()))
                .isEqualTo(time);
        try (Fd fd = Fd.open(file, Fd.O_RDONLY, 0)) {
            assertThat(FileStatus.of(fd)).isEqualTo(status);
        }
    }

    @Test
    void statusOfADeviceFileHasItsPackedNumber() throws IOException {
        assertThat(FileStatus.of(RawPath.of(Path.of("/dev/null"))).deviceNumber())
                .isEqualTo(0x103);
    }

    @Test
    void linkIsReadAndNotFollowed() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere/at/all"));

        assertThat(FileStatus.of(RawPath.of(link)).isSymlink()).isTrue();
        assertThat(SymbolicLink.target(RawPath.of(link)))
                .isEqualTo("nowhere/at/all".getBytes(StandardCharsets.US_ASCII));
        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> RawPath.of(link).open(Fd.O_RDONLY | Fd.O_NOFOLLOW))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    }

    @Test
    void failureNamesThePath() {
        RawPath missing = RawPath.of(directory).resolve(NO_TEXT);

        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> FileStatus.of(missing))
                .withMessage("stat " + missing + ": No such file or directory");
        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> SymbolicLink.target(missing))
                .withMessageStartingWith("read link " + missing);
        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> ExtendedAttributes.names(missing))
                .withMessageStartingWith("list extended attributes of " + missing);
    }
}
