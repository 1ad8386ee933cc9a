package io.rafsd.filesystem.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.MemoryFileSystem;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VfsTest {

    private static final FileSystemStats STATS = new FileSystemStats();

    private final Vfs vfs = new Vfs();
    private final Attributes found = new Attributes();

    private static MemoryFileSystem image(String content) {
        MemoryFileSystem files = new MemoryFileSystem(36);
        long file = files.file(36, "file", 0644, content.getBytes(StandardCharsets.UTF_8));
        files.extendedAttribute(file, "user.a", new byte[1]);
        files.symlink(36, "link", "file");
        return files;
    }

    private static MemorySegment name(String name) {
        return MemorySegment.ofArray(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The inode number of a path, or 0. */
    private long find(String path) throws IOException {
        return find(vfs, path);
    }

    private long find(Vfs vfs, String path) throws IOException {
        long ino = vfs.rootIno();
        for (String part : path.substring(1).split("/", -1)) {
            if (!vfs.lookup(ino, name(part), found)) {
                return 0;
            }
            ino = found.ino;
        }
        return ino;
    }

    private List<String> list(long ino) throws IOException {
        List<String> names = new ArrayList<>();
        vfs.readDirectory(ino, 0, (name, child, type, next) -> {
            names.add(new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8) + ":"
                    + Long.toHexString(child));
            return true;
        });
        return names;
    }

    private String read(long ino) {
        Reply reply = new Reply();
        vfs.read(ino, 0, 100, reply);
        return reply.text();
    }

    /** Keeps one answer. */
    private static final class Reply implements ReadReply {
        private final byte[] bytes = new byte[100];
        private int length = -1;
        private @Nullable IOException failure;

        @Override
        public MemorySegment buffer() {
            return MemorySegment.ofArray(bytes);
        }

        @Override
        public void complete(int count) {
            length = count;
        }

        @Override
        public void fail(IOException why) {
            failure = why;
        }

        @Override
        public ReadReply defer() {
            return this;
        }

        String text() {
            return failure instanceof PosixError posix
                    ? posix.errno().name()
                    : new String(bytes, 0, length, StandardCharsets.UTF_8);
        }
    }

    @Test
    void aFilesystemAtTheTopIsTheWhole() throws Exception {
        vfs.mount("/", image("one"), STATS);
        assertThat(vfs.rootIno()).isEqualTo(36);
        assertThat(find("/file")).isEqualTo(37);
        assertThat(found.ino).isEqualTo(37);
        assertThat(read(37)).isEqualTo("one");
        assertThat(list(36)).containsExactly(".:24", "..:24", "file:25", "link:26");
        assertThat(vfs.remembersAbsence(36)).isTrue();
        assertThatExceptionOfType(AlreadyExists.class).isThrownBy(() -> vfs.mount("/a", image("two"), STATS));
        assertThatExceptionOfType(AlreadyExists.class).isThrownBy(() -> vfs.mount("/", image("two"), STATS));
        vfs.unmount("/");
        assertThat(vfs.rootIno()).isEqualTo(1);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> vfs.unmount("/"));
        vfs.mount("/a", image("two"), STATS);
        assertThat(read(find("/a/file"))).isEqualTo("two");
    }

    @Test
    void inodesOfManyMountsCarryTheirIndex() throws Exception {
        vfs.mount("/a", image("one"), STATS);
        vfs.mount("/b/c", image("two"), STATS);
        assertThat(find("/a")).isEqualTo(1L << 56 | 36);
        assertThat(find("/a/file")).isEqualTo(1L << 56 | 37);
        assertThat(find("/b/c/file")).isEqualTo(2L << 56 | 37);
        assertThat(read(find("/a/file"))).isEqualTo("one");
        assertThat(read(find("/b/c/file"))).isEqualTo("two");
        vfs.attributes(2L << 56 | 37, found);
        assertThat(found.ino).isEqualTo(2L << 56 | 37);
        assertThat(found.size).isEqualTo(3);
        assertThat(list(2L << 56 | 36)).contains("file:200000000000025");
        assertThat(vfs.readLink(find("/a/link")).byteSize()).isEqualTo(4);
        assertThat(vfs.extendedAttribute(find("/a/file"), name("user.a"))).isNotNull();
        assertThat(vfs.extendedAttributeNames(find("/a/file"))).hasSize(7);
    }

    @Test
    void directoriesThatLeadToMountsAreShown() throws Exception {
        vfs.mount("/x/y/z", image("one"), STATS);
        long y = find("/x/y");
        assertThat(y).isLessThan(1L << 56).isNotZero();
        vfs.attributes(y, found);
        assertThat(found.isDirectory()).isTrue();
        assertThat(list(y)).contains("z:100000000000024");
        assertThat(find("/x/none")).isZero();
        assertThat(vfs.remembersAbsence(vfs.rootIno()))
                .as("a mount may appear there")
                .isFalse();
        assertThat(vfs.extendedAttribute(y, name("user.a"))).isNull();
        assertThat(read(y)).isEqualTo("ENOENT");
    }

    @Test
    void aPseudoDirectoryIsReadOnFromACookie() throws Exception {
        for (int i = 0; i < 10; i++) {
            vfs.mount("/m" + i, image("x"), STATS);
        }
        List<Long> seen = new ArrayList<>();
        long[] cookie = {0};
        boolean more = true;
        while (more) {
            int before = seen.size();
            FileSystem.DirectorySink one = (name, child, type, next) -> {
                if (seen.size() > before) {
                    return false;
                }
                seen.add(child);
                cookie[0] = next;
                return true;
            };
            vfs.readDirectory(vfs.rootIno(), cookie[0], one);
            more = seen.size() > before;
        }
        assertThat(seen).doesNotHaveDuplicates().hasSizeBetween(10, 12);
    }

    @Test
    void mountsDoNotHideEachOther() throws Exception {
        vfs.mount("/a/b", image("one"), STATS);
        for (String path : List.of("/a/b", "/a", "/a/b/c", "/", "/a/./b", "/a/x/../b")) {
            assertThatExceptionOfType(AlreadyExists.class)
                    .as(path)
                    .isThrownBy(() -> vfs.mount(path, image("two"), STATS));
        }
        assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> vfs.mount("a", image("two"), STATS));
        vfs.mount("/a/c", image("three"), STATS);
        assertThat(read(find("/a/b/file"))).isEqualTo("one");
        assertThat(read(find("/a/c/file"))).isEqualTo("three");
    }

    @Test
    void whatHasBeenUnmountedIsGone() throws Exception {
        List<String> told = new ArrayList<>();
        vfs.onNameChange((parent, name) ->
                told.add(parent + " " + new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)));
        vfs.mount("/a", image("one"), STATS);
        long file = find("/a/file");
        vfs.unmount("/a");
        assertThat(told).containsExactly("1 a");
        assertThat(find("/a")).isZero();
        assertThat(read(file)).isEqualTo("ENOENT");
        assertThatExceptionOfType(PosixError.class)
                .isThrownBy(() -> vfs.attributes(file, found))
                .matches(e -> e.errno() == Errno.ENOENT);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> vfs.unmount("/a"));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> vfs.unmount("/x/y"));
    }

    @Test
    void whatTakesTheirPlaceKeepsTheNumbersOfFilesAndIsAskedForAnew() throws Exception {
        List<String> told = new ArrayList<>();
        vfs.onNameChange((parent, name) ->
                told.add(parent + " " + new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)));
        vfs.mount("/x/a", image("one"), STATS);
        long file = find("/x/a/file");
        vfs.replace("/x/a", image("two"), STATS);
        assertThat(read(file)).isEqualTo("two");
        assertThat(find("/x/a/file")).isEqualTo(file);
        assertThat(told).containsExactly(find("/x") + " a");
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> vfs.replace("/x", image("three"), STATS));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> vfs.replace("/", image("three"), STATS));
        vfs.unmount("/x/a");
        vfs.mount("/", image("four"), STATS);
        vfs.replace("/", image("five"), STATS);
        assertThat(read(find("/file"))).isEqualTo("five");
    }

    @Test
    void aSuccessorShowsEveryInodeUnderTheNumberThatTheKernelKnows() throws Exception {
        vfs.mount("/gone/first", image("gone"), STATS);
        vfs.mount("/a/b", image("one"), STATS);
        vfs.mount("/c", image("two"), STATS);
        vfs.unmount("/gone/first");
        Layout layout = vfs.layout();
        Vfs next = new Vfs();
        next.restore(
                layout, Map.of("/a/b", new Vfs.Shown(image("one"), STATS), "/c", new Vfs.Shown(image("two"), STATS)));
        for (String path : List.of("/gone", "/a", "/a/b", "/a/b/file", "/c/file")) {
            long ino = find(path);
            long generation = found.generation;
            long before = ino;
            assertThat(find(next, path)).as(path).isEqualTo(before);
            assertThat(found.generation).as(path).isEqualTo(generation);
        }
        assertThat(next.layout()).isEqualTo(layout);
        next.mount("/new", image("new"), STATS);
        assertThat(find(next, "/new") >>> 56).isEqualTo(4);
    }

    @Test
    void aFilesystemThatIsAllIsKnownToTheKernelByItsIndexAndToReadersByItsOwnNumbers() throws Exception {
        vfs.mount("/", image("one"), STATS);
        long file = find("/file");
        assertThat(file >>> 56).isZero();
        assertThat(vfs.nodeOf(file)).isEqualTo(1L << 56 | file);
        assertThat(vfs.inodeOf(vfs.nodeOf(file))).isEqualTo(file);
        assertThat(read(vfs.inodeOf(2L << 56 | file))).isEqualTo("ENOENT");
        Layout layout = vfs.layout();
        Vfs next = new Vfs();
        next.restore(layout, Map.of("/", new Vfs.Shown(image("one"), STATS)));
        assertThat(next.nodeOf(file)).isEqualTo(vfs.nodeOf(file));
    }

    @Test
    void aLayoutThatContradictsItselfLeavesNothingMounted() {
        List<Layout.Place> twice = List.of(new Layout.Place("/a", 1, 0), new Layout.Place("/b", 1, 0));
        List<Layout.PseudoDirectory> orphan = List.of(new Layout.PseudoDirectory(5, 4, "x"));
        for (Layout wrong : List.of(
                new Layout(twice, List.of(), 2, 2),
                new Layout(List.of(new Layout.Place("/a", 0, 0)), List.of(), 2, 2),
                new Layout(List.of(), orphan, 6, 1))) {
            assertThatExceptionOfType(InvalidRequest.class)
                    .isThrownBy(() -> vfs.restore(
                            wrong,
                            Map.of("/a", new Vfs.Shown(image("a"), STATS), "/b", new Vfs.Shown(image("b"), STATS))));
            assertThat(vfs.layout().mounts()).isEmpty();
        }
    }

    @Test
    void requestsAreCountedWhereTheirInodeIsMounted() throws Exception {
        FileSystemStats one = STATS.ofMount(null);
        FileSystemStats two = STATS.ofMount(null);
        vfs.mount("/a/one", image("one"), one);
        vfs.mount("/two", image("two"), two);
        assertThat(vfs.stats(find("/a/one/file"))).isSameAs(one);
        assertThat(vfs.stats(find("/two"))).isSameAs(two);
        assertThat(vfs.stats(find("/a"))).isNull();
        long gone = find("/two/file");
        vfs.unmount("/two");
        assertThat(vfs.stats(gone)).isNull();
    }

    @Test
    void anIndexIsNotUsedAgainAtOnceAndThenWithAnotherGeneration() throws Exception {
        vfs.mount("/a", image("one"), STATS);
        find("/a");
        long generation = found.generation;
        assertThat(found.ino >>> 56).isEqualTo(1);
        vfs.unmount("/a");
        for (int i = 2; i <= Vfs.MAX_MOUNTS; i++) {
            vfs.mount("/a", image("next"), STATS);
            assertThat(find("/a") >>> 56).isEqualTo(i);
            vfs.unmount("/a");
        }
        vfs.mount("/a", image("last"), STATS);
        assertThat(find("/a") >>> 56).isEqualTo(1);
        assertThat(found.generation).isNotEqualTo(generation);
    }

    @Test
    void the256thMountIsRefusedAndLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 255; i++) {
            vfs.mount("/m" + i, image("x"), STATS);
        }
        assertThatExceptionOfType(Unsupported.class)
                .isThrownBy(() -> vfs.mount("/one/more", image("x"), STATS))
                .withMessageContaining("255");
        assertThat(find("/one")).isZero();
        vfs.unmount("/m7");
        vfs.mount("/one/more", image("x"), STATS);
        assertThat(find("/one/more") >>> 56).isEqualTo(8);
        assertThat(vfs.statFs().files()).isEqualTo(255L * 3);
    }

    @Test
    void readersSeeWholeMountsWhileOthersComeAndGo() throws Exception {
        vfs.mount("/stays", image("stays"), STATS);
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch reading = new CountDownLatch(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                readers.add(threads.submit(() -> {
                    Attributes mine = new Attributes();
                    int rounds = 0;
                    while (!done.get()) {
                        assertThat(vfs.lookup(1, name("stays"), mine)).isTrue();
                        long root = mine.ino;
                        assertThat(vfs.lookup(root, name("file"), mine)).isTrue();
                        assertThat(read(mine.ino)).isEqualTo("stays");
                        if (vfs.lookup(1, name("goes"), mine)) {
                            assertThat(visit(mine)).isIn("goes", "ENOENT");
                        }
                        rounds++;
                        reading.countDown();
                    }
                    return rounds;
                }));
            }
            MemoryFileSystem goes = image("goes");
            // A reader that failed is met below.
            boolean _ = reading.await(1, TimeUnit.MINUTES);
            for (int i = 0; i < 2000; i++) {
                vfs.mount("/goes", goes, STATS);
                vfs.unmount("/goes");
            }
            done.set(true);
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        }
    }

    private String visit(Attributes mine) throws IOException {
        try {
            assertThat(vfs.lookup(mine.ino, name("file"), mine)).isTrue();
        } catch (PosixError e) {
            return e.errno().name();
        }
        return read(mine.ino);
    }
}
