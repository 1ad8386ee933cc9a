package io.rafsd.fuse.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.filesystem.MemoryFileSystem;
import io.rafsd.fuse.protocol.Opcode;
import io.rafsd.fuse.protocol.Request;
import io.rafsd.stats.FileSystemStats;
import java.util.Arrays;

/** Whatever bytes come as a request: nothing is thrown, and one reply at most goes out. */
class FuseRequestFuzzTest {

    private static final MemoryFileSystem FILES = new MemoryFileSystem(36);
    private static final RecordingChannel CHANNEL = new RecordingChannel();
    private static final FileSystemStats STATS = new FileSystemStats();
    private static final RequestHandler HANDLER = new FuseServer(FILES, STATS, true).newHandler(CHANNEL);

    static {
        long file = FILES.formulaFile(36, "file", 100_000);
        FILES.directory(36, "directory");
        FILES.symlink(36, "link", "file");
        FILES.extendedAttribute(file, "user.a", new byte[100]);
    }

    @FuzzTest(maxDuration = "10s")
    void anyBytesAreAnsweredAtMostOnce(byte[] bytes) {
        if (bytes.length > 1 << 16) {
            return;
        }
        Request whole = Requests.received(bytes);
        if (whole != null) {
            answer(whole);
        }
        // As a header's length is hard to guess, the same bytes once more as opcode, node and body.
        if (bytes.length >= 2) {
            byte[] body = Arrays.copyOfRange(bytes, 2, bytes.length);
            answer(Requests.request(bytes[0] & 0xFF, 5, bytes[1] & 0xFF, body));
        }
    }

    private static void answer(Request request) {
        CHANNEL.clear();
        HANDLER.handle(request);
        int opcode = request.opcode();
        boolean silent = opcode == Opcode.FORGET || opcode == Opcode.BATCH_FORGET || opcode == Opcode.INTERRUPT;
        assertThat(CHANNEL.sent()).hasSize(silent ? 0 : 1);
        assertThat(STATS.inFlight.sum()).isZero();
    }
}
