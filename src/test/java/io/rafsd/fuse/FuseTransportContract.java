package io.rafsd.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.MemoryFileSystem;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.fuse.FuseTransport.Capability;
import io.rafsd.linux.MountTable;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import io.rafsd.testing.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readers of a mount see, through the real kernel, whichever transport serves it. */
public abstract class FuseTransportContract {

    private static final long ROOT = 36;
    private static final int PAGE = 4096;

    protected final FileSystemStats stats = new FileSystemStats();
    protected final MemoryFileSystem files = new MemoryFileSystem(ROOT);
    protected final AtomicInteger ends = new AtomicInteger();

    @TempDir
    Path directory;

    protected Path mountPoint = Path.of("/");
    private @Nullable FuseSession session;

    protected abstract FuseTransport transport(FileSystemStats stats);

    @BeforeEach
    void makeMountPoint() throws IOException {
        assumeThat(Path.of("/dev/fuse")).as("needs the device /dev/fuse").exists();
        assumeThat(System.getProperty("user.name")).as("mounts as root").isEqualTo("root");
        mountPoint = Files.createDirectory(directory.toRealPath().resolve("mount point"));
    }

    @AfterEach
    void unmount() throws IOException {
        if (session != null) {
            session.close();
        }
        assertThat(MountTable.at(mountPoint)).isNull();
    }

    protected MountOptions options() {
        return new MountOptions(mountPoint, 3, true, true, 256);
    }

    protected FuseSession mounted() throws IOException {
        FuseSession made = transport(stats).mount(options(), files);
        session = made;
        return made;
    }

    protected FuseSession serving() throws IOException {
        FuseSession made = mounted();
        made.serve(ends::incrementAndGet);
        return made;
    }

    protected String at(String path) {
        return mountPoint.resolve(path).toString();
    }

    private static byte[] expected(long offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = MemoryFileSystem.byteAt(offset + i);
        }
        return bytes;
    }

    @Test
    void everyKindOfFileShowsItsAttributes() throws Exception {
        long file = files.file(ROOT, "file", 06751, new byte[1000]);
        files.link(ROOT, "again", file);
        files.directory(files.directory(ROOT, "directory"), "below");
        files.symlink(ROOT, "link", "file");
        files.special(ROOT, "fifo", Attributes.FIFO | 0600, 0);
        files.special(ROOT, "socket", Attributes.SOCKET | 0600, 0);
        files.special(ROOT, "tty", Attributes.CHARACTER_DEVICE | 0600, 4 << 8 | 1);
        // Major 259, minor 70000: the upper bits of the minor number stand above the major.
        files.special(ROOT, "disk", Attributes.BLOCK_DEVICE | 0600, 70000 & 0xFF | 259 << 8 | (70000 & ~0xFF) << 12);
        serving();

        String format = "%n %f %h %u %g %s %t:%T %i";
        assertThat(Child.run("sh", "-c", "cd \"$0\"; stat -c '" + format + "' . *", mountPoint.toString())
                        .text()
                        .lines())
                .containsExactly(
                        ". 41ed 3 0 0 4096 0:0 36",
                        "again 8de9 2 1234 56789 1000 0:0 37",
                        "directory 41ed 3 0 0 4096 0:0 38",
                        "disk 6180 1 0 0 0 103:11170 44",
                        "fifo 1180 1 0 0 0 0:0 41",
                        "file 8de9 2 1234 56789 1000 0:0 37",
                        "link a1ff 1 0 0 4 0:0 40",
                        "socket c180 1 0 0 0 0:0 42",
                        "tty 2180 1 0 0 0 4:1 43");
    }

    @Test
    void timesHaveNanoseconds() throws Exception {
        files.file(ROOT, "file", 0644, new byte[1]);
        serving();
        assertThat(Child.python("import os,sys; s=os.stat(sys.argv[1]); print(s.st_mtime_ns)", at("file"))
                        .text())
                .isEqualTo("1500000000123456789\n");
    }

    @Test
    void aMissingNameIsMissing() throws Exception {
        serving();
        assertThat(Child.run("stat", at("nothing")).errors()).contains("No such file or directory");
        assertThat(Child.run("stat", at("nothing")).errors()).contains("No such file or directory");
    }

    @Test
    void linksAreReadAndFollowed() throws Exception {
        String longTarget = "x/".repeat(2000) + "y";
        files.file(ROOT, "file", 0644, "content".getBytes(StandardCharsets.UTF_8));
        files.symlink(ROOT, "link", "./file");
        files.symlink(ROOT, "long", longTarget);
        serving();
        assertThat(Child.run("readlink", at("link")).text()).isEqualTo("./file\n");
        assertThat(Child.run("readlink", at("long")).text()).isEqualTo(longTarget + "\n");
        assertThat(Child.run("cat", at("link")).text()).isEqualTo("content");
    }

    @Test
    void extendedAttributesAreListedAndRead() throws Exception {
        long file = files.file(ROOT, "file", 0644, new byte[1]);
        files.file(ROOT, "other", 0644, new byte[1]);
        files.extendedAttribute(file, "user.short", new byte[] {1, 0, 2});
        files.extendedAttribute(file, "user.empty", new byte[0]);
        files.extendedAttribute(file, "user.long", "v".repeat(3000).getBytes(StandardCharsets.UTF_8));
        serving();
        String script = """
                import os,sys,errno
                f=sys.argv[1]
                print(sorted(os.listxattr(f)))
                print(os.getxattr(f,'user.short'), os.getxattr(f,'user.empty'), len(os.getxattr(f,'user.long')))
                print(os.listxattr(sys.argv[2]))
                try: os.getxattr(f,'user.none')
                except OSError as e: print(errno.errorcode[e.errno])
                """;
        assertThat(Child.python(script, at("file"), at("other")).text().lines())
                .containsExactly(
                        "['user.empty', 'user.long', 'user.short']", "b'\\x01\\x00\\x02' b'' 3000", "[]", "ENODATA");
    }

    @Test
    void aFilesystemWithoutExtendedAttributesHasNone() throws Exception {
        files.file(ROOT, "file", 0644, new byte[1]);
        serving();
        String script = """
                import os,sys,errno
                print(os.listxattr(sys.argv[1]))
                try: os.getxattr(sys.argv[1],'user.x')
                except OSError as e: print(errno.errorcode[e.errno])
                """;
        assertThat(Child.python(script, at("file")).text()).matches("\\[\\]\n(ENOTSUP|EOPNOTSUPP)\n");
    }

    @Test
    void statfsShowsFilesAndBlocks() throws Exception {
        files.file(ROOT, "file", 0644, new byte[1]);
        serving();
        assertThat(Child.run("stat", "-f", "-c", "%c %b %S %l %f", mountPoint.toString())
                        .text())
                .isEqualTo("2 4711 4096 255 0\n");
    }

    @Test
    void aHundredThousandEntriesAreListedOnceEach() throws Exception {
        long big = files.directory(ROOT, "big");
        long some = files.file(big, "entry-000000", 0644, new byte[1]);
        for (int i = 1; i < 100_000; i++) {
            files.link(big, "entry-%06d".formatted(i), some);
        }
        serving();
        List<String> listed = Child.run("ls", "-f", at("big")).text().lines().toList();
        assertThat(listed).hasSize(100_002).doesNotHaveDuplicates().contains(".", "..", "entry-099999");
        assertThat(Child.run("find", at("big"), "-name", "entry-0999*", "-size", "1c")
                        .text()
                        .lines())
                .hasSize(100);
    }

    @Test
    void namesOf255BytesAreFoundAndLongerOnesRefused() throws Exception {
        String name = "ü".repeat(127) + "x";
        String bytes = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        files.file(ROOT, bytes, 0644, "content".getBytes(StandardCharsets.UTF_8));
        serving();
        assertThat(Child.python(
                                "import os,sys; print(len(os.fsencode(os.listdir(sys.argv[1])[0])))",
                                mountPoint.toString())
                        .text())
                .isEqualTo("255\n");
        assertThat(Child.run("cat", at(name)).text()).isEqualTo("content");
        assertThat(Child.run("cat", at(name + "y")).errors()).contains("File name too long");
    }

    @Test
    void rawNamesAreShownUnchangedOrRefused() throws Exception {
        files.file(ROOT, "\u00ff\u00fe", 0644, "content".getBytes(StandardCharsets.UTF_8));
        files.symlink(ROOT, "link", "\u00ff");
        serving();
        String list =
                "import os,sys; print(os.listdir(os.fsencode(sys.argv[1])), os.readlink(os.fsencode(sys.argv[1])+b'/link'))";
        assertThat(Child.python(list, mountPoint.toString()).text()).isEqualTo("[b'\\xff\\xfe', b'link'] b'\\xff'\n");
        String read = "import os,sys; print(open(os.fsencode(sys.argv[1])+b'/\\xff\\xfe').read())";
        Child child = Child.python(read, mountPoint.toString());
        if (transport(stats).capabilities().contains(Capability.RAW_NAMES)) {
            assertThat(child.text()).isEqualTo("content\n");
        } else {
            assertThat(child.errors()).contains("[Errno 84]");
        }
    }

    @Test
    void aFileBeyondFourGibibytesIsReadAtItsEnd() throws Exception {
        long size = (5L << 30) + 1234;
        files.formulaFile(ROOT, "huge", size);
        serving();
        byte[] tail = Child.run("tail", "-c", "10000", at("huge")).bytes();
        assertThat(tail).isEqualTo(expected(size - 10_000, 10_000));
        assertThat(Child.run("dd", "if=" + at("huge"), "bs=1M", "count=2", "skip=4096", "status=none")
                        .bytes())
                .isEqualTo(expected(4096L << 20, 2 << 20));
    }

    @Test
    void filesAreMappedAndRun() throws Exception {
        byte[] program = Files.readAllBytes(Path.of("/bin/true").toRealPath());
        files.file(ROOT, "program", 0755, program);
        files.formulaFile(ROOT, "mapped", 3 << 20);
        serving();
        assertThat(Child.run(at("program")).status()).isZero();
        String script = "import mmap,sys; f=open(sys.argv[1],'rb'); m=mmap.mmap(f.fileno(),0,prot=mmap.PROT_READ);"
                + "sys.stdout.buffer.write(m[1000000:1000100]+m[-5:])";
        byte[] seen = Child.python(script, at("mapped")).bytes();
        assertThat(seen).startsWith(expected(1_000_000, 100)).endsWith(expected((3 << 20) - 5, 5));
    }

    @Test
    void nothingCanBeWritten() throws Exception {
        files.file(ROOT, "file", 0666, new byte[10]);
        serving();
        for (String command : List.of(
                "echo x > file",
                "echo x > new",
                "mkdir d",
                "rm -f file",
                "mv file other",
                "ln file l",
                "truncate -s 1 file",
                "chmod 600 file",
                "touch file")) {
            assertThat(Child.run("sh", "-c", "cd \"$0\"; " + command, mountPoint.toString())
                            .errors())
                    .as(command)
                    .contains("Read-only file system");
        }
    }

    @Test
    void deferredReadsAreAnsweredOutOfOrder() throws Exception {
        BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
        long size = 64L * PAGE;
        for (int i = 0; i < 8; i++) {
            files.file(ROOT, "late-" + i, 0644, size, (offset, wanted, reply) -> {
                ReadReply later = reply.defer();
                waiting.add(() -> MemoryFileSystem.formula(size).read(offset, wanted, later));
            });
        }
        serving();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService answers = Executors.newFixedThreadPool(3)) {
            List<Future<byte[]>> read = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String path = at("late-" + i);
                read.add(readers.submit(() -> Child.run("cat", path).bytes()));
            }
            // More reads wait at once than there are workers, and the last is answered first.
            Eventually.holds("8 reads wait", () -> waiting.size() >= 8);
            assertThat(stats.inFlight.sum()).isGreaterThanOrEqualTo(8);
            while (read.stream().anyMatch(one -> !one.isDone())) {
                List<Runnable> batch = new ArrayList<>();
                waiting.drainTo(batch);
                Collections.reverse(batch);
                batch.forEach(answers::execute);
                LockSupport.parkNanos(1_000_000);
            }
            for (Future<byte[]> one : read) {
                assertThat(one.get()).isEqualTo(expected(0, (int) size));
            }
        }
        Eventually.holds("nothing is in flight", () -> stats.inFlight.sum() == 0);
        assertThat(stats.readBytes.sum()).isGreaterThanOrEqualTo(8 * size);
        assertThat(stats.latency(Operation.READ).count()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aFailedReadIsAnInputOutputError() throws Exception {
        files.file(
                ROOT, "bad", 0644, PAGE, MemoryFileSystem.failing(new IntegrityFailure("chunk 7 has another digest")));
        files.file(ROOT, "late", 0644, PAGE, (offset, size, reply) -> {
            ReadReply later = reply.defer();
            Thread.ofVirtual().start(() -> later.fail(new IOException("the origin has gone")));
        });
        files.file(ROOT, "good", 0644, "content".getBytes(StandardCharsets.UTF_8));
        serving();
        assertThat(Child.run("cat", at("bad")).errors()).contains("Input/output error");
        assertThat(Child.run("cat", at("late")).errors()).contains("Input/output error");
        assertThat(Child.run("cat", at("good")).text()).isEqualTo("content");
        assertThat(stats.errors(Operation.READ).sum()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void anUnmountFromOutsideEndsTheSessionOnce() throws Exception {
        FuseSession served = serving();
        assertThat(served.state()).isEqualTo(FuseSession.State.SERVING);
        Child.run("umount", "-l", mountPoint.toString()).text();
        Eventually.holds("the session has ended", () -> served.state() == FuseSession.State.ENDED && ends.get() > 0);
        served.unmount();
        served.close();
        assertThat(ends).hasValue(1);
    }

    @Test
    void anUnmountOfOursIsNoEndFromOutside() throws Exception {
        FuseSession served = serving();
        served.unmount();
        served.unmount();
        assertThat(MountTable.at(mountPoint)).isNull();
        assertThat(served.state()).isEqualTo(FuseSession.State.ENDED);
        served.close();
        assertThat(ends).hasValue(0);
    }

    @Test
    void requestsWaitWhileNobodyServes() throws Exception {
        files.file(ROOT, "file", 0644, "content".getBytes(StandardCharsets.UTF_8));
        FuseSession served = serving();
        assertThat(Child.run("stat", mountPoint.toString()).status()).isZero();
        for (int round = 0; round < 3; round++) {
            served.quiesce(Duration.ofSeconds(5));
            assertThat(served.state()).isEqualTo(FuseSession.State.MOUNTED);
            Process reader = new ProcessBuilder("stat", at("name-" + round)).start();
            try {
                assertThat(reader.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
                served.serve(ends::incrementAndGet);
                assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(reader.exitValue()).isEqualTo(1);
            } finally {
                reader.destroyForcibly();
            }
        }
        assertThat(Child.run("cat", at("file")).text()).isEqualTo("content");
        assertThat(ends).hasValue(0);
    }

    @Test
    void quiescingWaitsForReadsThatHaveBegun() throws Exception {
        BlockingQueue<ReadReply> waiting = new LinkedBlockingQueue<>();
        files.file(ROOT, "late", 0644, 3, (offset, size, reply) -> waiting.add(reply.defer()));
        FuseSession served = serving();
        Process reader = new ProcessBuilder("cat", at("late")).start();
        ReadReply reply = waiting.poll(20, TimeUnit.SECONDS);
        assertThat(reply).isNotNull();
        CountDownLatch quiet = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
            try {
                served.quiesce(Duration.ofSeconds(20));
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                quiet.countDown();
            }
        });
        assertThat(quiet.await(200, TimeUnit.MILLISECONDS)).isFalse();
        reply.complete(3);
        assertThat(quiet.await(20, TimeUnit.SECONDS)).isTrue();
        served.serve(ends::incrementAndGet);
        assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void unmountingWhileAReadWaitsForEverDoesNotHang() throws Exception {
        BlockingQueue<ReadReply> waiting = new LinkedBlockingQueue<>();
        files.file(ROOT, "never", 0644, 3, (offset, size, reply) -> waiting.add(reply.defer()));
        FuseSession served = serving();
        Process reader = new ProcessBuilder("cat", at("never")).start();
        ReadReply reply = waiting.poll(20, TimeUnit.SECONDS);
        assertThat(reply).isNotNull();
        served.close();
        assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(reader.exitValue()).isNotZero();
        // Too late, but no harm: whoever has the bytes at last may say so.
        reply.complete(3);
        assertThat(MountTable.at(mountPoint)).isNull();
    }

    @Test
    void mountingAgainAndAgainLeavesNothingBehind() throws Exception {
        files.file(ROOT, "file", 0644, "content".getBytes(StandardCharsets.UTF_8));
        mountOnce();
        long descriptors = openDescriptors();
        long threads = fuseThreads();
        for (int i = 0; i < 20; i++) {
            mountOnce();
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors + 2);
        Eventually.holds("no thread is left", () -> fuseThreads() <= threads);
        assertThat(ends).hasValue(0);
    }

    private void mountOnce() throws Exception {
        try (FuseSession served = serving()) {
            assertThat(served.state()).isEqualTo(FuseSession.State.SERVING);
            assertThat(Child.run("cat", at("file")).text()).isEqualTo("content");
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static long fuseThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fuse-"))
                .count();
    }

    @Test
    void aMountPointThatCannotServeIsRefusedWithItsRemedy() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        FuseTransport transport = transport(stats);
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> transport.mount(new MountOptions(file, 1, true, true, 128), files))
                .withMessageContaining("no directory");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () -> transport.mount(new MountOptions(directory.resolve("none"), 1, true, true, 128), files))
                .withMessageContaining("mkdir -p");
        serving();
        assertThatExceptionOfType(AlreadyExists.class)
                .isThrownBy(() -> transport.mount(options(), files))
                .withMessageContaining("umount");
    }

    @Test
    void theMountShowsAsFuseOfRafs() throws Exception {
        serving();
        MountTable.Entry entry = MountTable.at(mountPoint);
        assertThat(entry)
                .isNotNull()
                .extracting(e -> e.type() + " " + e.source())
                .isEqualTo("fuse rafs");
    }

    @Test
    void manyReadersSeeTheSameBytes() throws Exception {
        AtomicLong seed = new AtomicLong(42);
        long size = 8 << 20;
        files.formulaFile(ROOT, "file", size);
        serving();
        String script = """
                import random,sys,os
                random.seed(int(sys.argv[2])); f=os.open(sys.argv[1],os.O_RDONLY); size=int(sys.argv[3])
                def b(o): return (o*31 ^ (o>>12)*17 ^ o>>32) & 255
                for i in range(300):
                  at=random.randrange(size); n=random.randrange(1,5000); got=os.pread(f,n,at)
                  want=bytes(b(o) for o in range(at,min(size,at+n)))
                  assert got==want,(at,n)
                print('same')
                """;
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> seen = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                seen.add(readers.submit(() -> Child.python(
                                script, at("file"), Long.toString(seed.getAndIncrement()), Long.toString(size))
                        .text()));
            }
            for (Future<String> one : seen) {
                assertThat(one.get()).isEqualTo("same\n");
            }
        }
    }
}
