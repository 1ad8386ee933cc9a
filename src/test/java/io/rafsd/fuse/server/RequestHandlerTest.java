package io.rafsd.fuse.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.rafsd.error.Errno;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.MemoryFileSystem;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.fuse.protocol.InitFlags;
import io.rafsd.fuse.protocol.Opcode;
import io.rafsd.fuse.server.RecordingChannel.Sent;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHandlerTest {

    private static final long ROOT = 36;
    private static final long RESENT = 1L << 63;

    private final FileSystemStats stats = new FileSystemStats();
    private final MemoryFileSystem files = new MemoryFileSystem(ROOT);
    private final RecordingChannel channel = new RecordingChannel();
    private final FuseServer server = new FuseServer(files, stats, true);
    private final RequestHandler handler = server.newHandler(channel);

    private Sent ask(int opcode, long nodeId, byte[] body) {
        channel.clear();
        handler.handle(Requests.request(opcode, 77, nodeId, body));
        Sent sent = channel.only();
        assertThat(sent.unique()).isEqualTo(77);
        return sent;
    }

    private static ByteBuffer little(Sent sent) {
        assertThat(sent.errno()).isZero();
        return ByteBuffer.wrap(sent.payload()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void refused(Errno errno, Sent sent) {
        assertThat(sent.errno()).isEqualTo(errno.number());
        assertThat(sent.payload()).isEmpty();
    }

    @Test
    void anEntryIsLaidOutAsTheKernelReadsIt() {
        long file = files.file(ROOT, "file", 04755, new byte[1000]);
        Sent sent = ask(Opcode.LOOKUP, 1, Requests.name("file"));
        assertThat(HexFormat.of().formatHex(sent.payload()))
                .isEqualTo(
                        "2500000000000000" // node
                                + "0000000000000000" // generation
                                + "0000000001000000".repeat(2) // valid for 2^32 s
                                + "00000000".repeat(2)
                                + "2500000000000000" // ino
                                + "e803000000000000" // size
                                + "0200000000000000" // blocks
                                + "002f685900000000".repeat(3) // times
                                + "15cd5b07".repeat(3)
                                + "ed890000" // mode
                                + "01000000" // links
                                + "d2040000" // user
                                + "d5dd0000" // group
                                + "00000000" // device
                                + "00100000" // block size
                                + "00000000");
        assertThat(file).isEqualTo(0x25);
    }

    @Test
    void theRootIsNodeOneAndShowsItsOwnNumber() {
        assertThat(little(ask(Opcode.GETATTR, 1, new byte[16])).getLong(16)).isEqualTo(ROOT);
    }

    @Test
    void aMissingNameIsRememberedAsMissing() {
        ByteBuffer entry = little(ask(Opcode.LOOKUP, 1, Requests.name("nothing")));
        assertThat(entry.capacity()).isEqualTo(128);
        assertThat(entry.getLong(0)).isZero();
        assertThat(entry.getLong(16)).isEqualTo(1L << 32);
        assertThat(stats.errors(Operation.LOOKUP).sum()).isZero();
    }

    @Test
    void namesThatCannotBeAreRefused() {
        refused(Errno.ENAMETOOLONG, ask(Opcode.LOOKUP, 1, Requests.name("x".repeat(256))));
        refused(Errno.EINVAL, ask(Opcode.LOOKUP, 1, Requests.name("")));
        refused(Errno.EINVAL, ask(Opcode.LOOKUP, 1, "no end".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aFileIsNoDirectory() {
        long file = files.file(ROOT, "file", 0644, new byte[0]);
        refused(Errno.ENOTDIR, ask(Opcode.LOOKUP, file, Requests.name("x")));
        refused(Errno.ENOTDIR, ask(Opcode.READDIR, file, Requests.read(0, 4096)));
        refused(Errno.ENOENT, ask(Opcode.GETATTR, 999, new byte[16]));
    }

    @Test
    void aReadFromTheCacheIsAnsweredInPlace() {
        long file = files.formulaFile(ROOT, "file", 10_000);
        Sent sent = ask(Opcode.READ, file, Requests.read(8192, 4096));
        assertThat(sent.errno()).isZero();
        assertThat(sent.payload()).hasSize(10_000 - 8192);
        assertThat(sent.payload()[5]).isEqualTo(MemoryFileSystem.byteAt(8197));
        assertThat(ask(Opcode.READ, file, Requests.read(10_000, 4096)).payload())
                .isEmpty();
        assertThat(ask(Opcode.READ, file, Requests.read(Long.MAX_VALUE, 4096)).payload())
                .isEmpty();
        assertThat(stats.readBytes.sum()).isEqualTo(10_000 - 8192);
        assertThat(stats.latency(Operation.READ).count()).isEqualTo(3);
        assertThat(stats.inFlight.sum()).isZero();
    }

    @Test
    void deferredReadsAreAnsweredLaterInAnyOrderAndOnce() throws Exception {
        List<ReadReply> waiting = new ArrayList<>();
        long file = files.file(ROOT, "late", 0644, 100, (offset, size, reply) -> waiting.add(reply.defer()));
        handler.handle(Requests.request(Opcode.READ, 1, file, Requests.read(0, 100)));
        handler.handle(Requests.request(Opcode.READ, 2 | RESENT, file, Requests.read(50, 100)));
        assertThat(channel.sent()).isEmpty();
        assertThat(stats.inFlight.sum()).isEqualTo(2);
        assertThat(server.awaitDeferred(System.nanoTime())).isFalse();

        waiting.get(1).buffer().set(ValueLayout.JAVA_BYTE, 0L, (byte) 9);
        waiting.get(1).complete(1);
        waiting.get(0).fail(new IntegrityFailure("chunk 3 has another digest"));
        waiting.get(0).complete(1);
        waiting.get(1).complete(1);

        assertThat(channel.sent()).hasSize(2);
        assertThat(channel.sent().get(0).unique()).isEqualTo(2 | RESENT);
        assertThat(channel.sent().get(0).payload()).containsExactly(9);
        assertThat(channel.sent().get(1).unique()).isEqualTo(1);
        assertThat(channel.sent().get(1).errno()).isEqualTo(Errno.EIO.number());
        assertThat(stats.inFlight.sum()).isZero();
        assertThat(server.awaitDeferred(System.nanoTime())).isTrue();
        assertThat(stats.errors(Operation.READ).sum()).isEqualTo(1);
    }

    @Test
    void deferredReadsDoNotShareTheirBuffers() {
        List<ReadReply> waiting = new ArrayList<>();
        long file = files.file(ROOT, "late", 0644, 100, (offset, size, reply) -> waiting.add(reply.defer()));
        for (int i = 0; i < 5; i++) {
            handler.handle(Requests.request(Opcode.READ, i, file, Requests.read(0, 100)));
        }
        for (int i = 0; i < 5; i++) {
            waiting.get(i).buffer().set(ValueLayout.JAVA_BYTE, 0, (byte) i);
        }
        for (int i = 0; i < 5; i++) {
            waiting.get(i).complete(1);
        }
        for (Sent sent : channel.sent()) {
            assertThat(sent.payload()).containsExactly((byte) sent.unique());
        }
    }

    @Test
    void aReadThatMeetsABugIsAnsweredOnceAndTheWorkerGoesOn() {
        long thrown = files.file(ROOT, "a", 0644, 1, (offset, size, reply) -> {
            throw new IllegalStateException("bug");
        });
        long answered = files.file(ROOT, "b", 0644, 1, (offset, size, reply) -> {
            reply.complete(1);
            throw new IllegalStateException("bug");
        });
        AtomicReference<ReadReply> kept = new AtomicReference<>();
        long deferred = files.file(ROOT, "c", 0644, 1, (offset, size, reply) -> {
            kept.set(reply.defer());
            throw new IllegalStateException("bug");
        });
        refused(Errno.EIO, ask(Opcode.READ, thrown, Requests.read(0, 1)));
        assertThat(ask(Opcode.READ, answered, Requests.read(0, 1)).payload()).hasSize(1);
        channel.clear();
        handler.handle(Requests.request(Opcode.READ, 1, deferred, Requests.read(0, 1)));
        assertThat(channel.sent()).isEmpty();
        kept.get().complete(1);
        assertThat(channel.only().payload()).hasSize(1);
        assertThat(stats.inFlight.sum()).isZero();
    }

    /** Reads a directory to its end in small pieces, alternating between the two operations as the kernel does. */
    @ParameterizedTest
    @ValueSource(ints = {200, 512, 4096})
    void aDirectoryIsReadInPieces(int room) {
        List<String> names = new ArrayList<>(List.of(".", ".."));
        for (int i = 0; i < 300; i++) {
            String name = "n".repeat(i % 11) + i;
            files.file(ROOT, name, 0644, new byte[0]);
            names.add(name);
        }
        List<String> seen = new ArrayList<>();
        long cookie = 0;
        boolean plus = false;
        while (true) {
            byte[] request = Requests.read(cookie, room);
            ByteBuffer reply = little(ask(plus ? Opcode.READDIRPLUS : Opcode.READDIR, 1, request));
            assertThat(reply.capacity()).isLessThanOrEqualTo(room);
            if (reply.capacity() == 0) {
                break;
            }
            int at = 0;
            while (at < reply.capacity()) {
                int entry = plus ? 128 : 0;
                int length = reply.getInt(at + entry + 16);
                byte[] bytes = new byte[length];
                reply.get(at + entry + 24, bytes);
                String name = new String(bytes, StandardCharsets.ISO_8859_1);
                if (plus) {
                    boolean dots = name.equals(".") || name.equals("..");
                    assertThat(reply.getLong(at)).isEqualTo(dots ? 0 : reply.getLong(at + entry));
                }
                assertThat(reply.getInt(at + entry + 20))
                        .isEqualTo(name.startsWith(".") ? Attributes.DIRECTORY >> 12 : Attributes.REGULAR >> 12);
                seen.add(name);
                cookie = reply.getLong(at + entry + 8);
                at += entry + ((24 + length + 7) & -8);
            }
            plus = !plus;
        }
        assertThat(seen).isEqualTo(names);
    }

    @Test
    void extendedAttributesHaveTheirExactLength() {
        long file = files.file(ROOT, "file", 0644, new byte[0]);
        files.extendedAttribute(file, "user.a", "12345".getBytes(StandardCharsets.US_ASCII));
        byte[] name = Requests.name("user.a");
        assertThat(little(ask(Opcode.GETXATTR, file, Requests.xattr(0, name))).getInt(0))
                .isEqualTo(5);
        assertThat(ask(Opcode.GETXATTR, file, Requests.xattr(5, name)).payload())
                .isEqualTo("12345".getBytes(StandardCharsets.US_ASCII));
        refused(Errno.ERANGE, ask(Opcode.GETXATTR, file, Requests.xattr(4, name)));
        refused(Errno.ENODATA, ask(Opcode.GETXATTR, file, Requests.xattr(4, Requests.name("user.b"))));
        assertThat(little(ask(Opcode.LISTXATTR, file, Requests.xattr(0, new byte[0])))
                        .getInt(0))
                .isEqualTo(7);
        assertThat(ask(Opcode.LISTXATTR, file, Requests.xattr(7, new byte[0])).payload())
                .isEqualTo(name);
        refused(Errno.ERANGE, ask(Opcode.LISTXATTR, file, Requests.xattr(6, new byte[0])));
    }

    @Test
    void withoutExtendedAttributesTheKernelIsToldNotToAskForOneAndListsNone() {
        refused(Errno.ENOSYS, ask(Opcode.GETXATTR, 1, Requests.xattr(0, Requests.name("user.a"))));
        assertThat(little(ask(Opcode.LISTXATTR, 1, Requests.xattr(0, new byte[0])))
                        .getInt(0))
                .isZero();
    }

    @Test
    void theSymlinkTargetHasNoTerminator() {
        long link = files.symlink(ROOT, "link", "../target");
        assertThat(ask(Opcode.READLINK, link, new byte[0]).payload())
                .isEqualTo("../target".getBytes(StandardCharsets.US_ASCII));
        refused(Errno.EINVAL, ask(Opcode.READLINK, 1, new byte[0]));
    }

    @Test
    void initAgreesOnWhatBothKnow() {
        long offered = InitFlags.NO_OPEN_SUPPORT | InitFlags.HAS_RESEND | InitFlags.INIT_EXT | 1L << 2 | 1L << 41;
        ByteBuffer out = little(ask(Opcode.INIT, 0, Requests.init(99, offered)));
        assertThat(out.capacity()).isEqualTo(64);
        assertThat(out.getInt(0)).isEqualTo(7);
        assertThat(out.getInt(4)).isEqualTo(InitFacts.NEWEST_MINOR);
        assertThat(out.getInt(8)).isEqualTo(131072);
        assertThat(Integer.toUnsignedLong(out.getInt(12)) | (long) out.getInt(32) << 32)
                .isEqualTo(InitFlags.NO_OPEN_SUPPORT | InitFlags.HAS_RESEND | InitFlags.INIT_EXT);
        assertThat(out.getShort(28)).isEqualTo((short) 256);
        assertThat(server.facts()).isNotNull();
        refused(Errno.ENOSYS, ask(Opcode.OPEN, 1, new byte[8]));
        // Not offered, so it would be taken for a failure.
        assertThat(little(ask(Opcode.OPENDIR, 1, new byte[8])).getInt(8)).isEqualTo(2 | 8);
    }

    @Test
    void whatIsForgottenOrInterruptedIsNotAnswered() {
        for (int opcode : new int[] {Opcode.FORGET, Opcode.BATCH_FORGET, Opcode.INTERRUPT}) {
            handler.handle(Requests.request(opcode, 1, 40, new byte[16]));
        }
        assertThat(channel.sent()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 8, 9, 10, 11, 12, 13, 16, 21, 24, 35, 43, 45})
    void whatWritesMeetsAReadOnlyFilesystem(int opcode) {
        refused(Errno.EROFS, ask(opcode, 1, new byte[64]));
    }

    @ParameterizedTest
    @ValueSource(ints = {25, 34, 39, 46, 52, 60, 4711, -1})
    void whatIsNotKnownIsNotThere(int opcode) {
        refused(Errno.ENOSYS, ask(opcode, 1, new byte[64]));
    }

    @Test
    void answersFromTheCacheMakeNoGarbage() {
        byte[] bytes = new byte[4096];
        long file = files.file(ROOT, "file", 0644, bytes.length, (offset, size, reply) -> {
            MemorySegment.copy(bytes, 0, reply.buffer(), ValueLayout.JAVA_BYTE, 0, size);
            reply.complete(size);
        });
        FuseServer quiet = new FuseServer(files, stats, true);
        RequestHandler worker = quiet.newHandler(() -> (unique, errno, payload, length) -> {});
        var request = Requests.request(Opcode.READ, 1, file, Requests.read(0, 4096));
        var getattr = Requests.request(Opcode.GETATTR, 1, 1, new byte[16]);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            worker.handle(request);
            worker.handle(getattr);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            worker.handle(request);
        }
        // The stand-in boxes an inode number for each; the handler itself adds nothing.
        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 10_000).isLessThan(32);
    }
}
