package io.rafsd.storage.backend.registry;

import static io.rafsd.storage.backend.registry.Asking.BLOB;
import static io.rafsd.storage.backend.registry.Asking.failure;
import static io.rafsd.storage.backend.registry.Asking.part;
import static io.rafsd.storage.backend.registry.Asking.read;
import static io.rafsd.storage.backend.registry.Asking.reader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry that answers a range wrongly is found out before a byte of it counts. */
@SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end in CR LF
class RangeFaultTest {

    private final HttpTransport http = new PooledHttpTransport();
    private ScriptedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer((request, out) -> ScriptedServer.range(request, out, BLOB));
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        server.close();
    }

    private void expectRetryable(ScriptedServer.Script script, String said) {
        server.script(script);
        BackendFailure failure = failure(reader(server.host(), http), 10, 20);
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.RETRYABLE);
        assertThat(failure).hasMessageContaining(said).hasMessageContaining(server.host());
    }

    @Test
    void rightAnswersAreReadOverOneConnection() throws Exception {
        for (int i = 0; i < 50; i++) {
            assertThat(read(reader(server.host(), http), i * 1000L, 700)).isEqualTo(part(i * 1000, 700));
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void streamGivesTheRangePieceByPiece() throws Exception {
        try (BlobStream stream = reader(server.host(), http).open(new ByteRange(5, 90_000), Asking.context())) {
            byte[] first = new byte[1];
            byte[] rest = new byte[89_999];
            stream.readFully(MemorySegment.ofArray(first));
            stream.readFully(MemorySegment.ofArray(rest));
            assertThat(first[0]).isEqualTo(BLOB[5]);
            assertThat(rest).isEqualTo(part(6, 89_999));
        }
    }

    @Test
    void whatServerSendsIsAskedWithoutCompression() throws Exception {
        read(reader(server.host(), http), 10, 20);
        assertThat(server.requests().getFirst().headers())
                .containsEntry("range", "bytes=10-29")
                .doesNotContainKeys("accept-encoding", "cookie", "authorization");
    }

    @Test
    void ignoredRangeIsRefused() {
        expectRetryable((_, out) -> ScriptedServer.say(out, 200, Map.of(), BLOB), "ignores Range");
    }

    @Test
    void wholeBlobIsTakenWhereItIsWhatWasAsked() throws Exception {
        server.script((_, out) -> ScriptedServer.say(out, 200, Map.of(), part(0, 30)));
        assertThat(read(reader(server.host(), http), 0, 30)).isEqualTo(part(0, 30));
    }

    @Test
    void otherRangeIsRefused() {
        expectRetryable(
                (_, out) -> ScriptedServer.say(out, 206, Map.of("Content-Range", "bytes 11-30/100000"), part(11, 20)),
                "bytes 11-30");
        expectRetryable((_, out) -> ScriptedServer.say(out, 206, Map.of(), part(10, 20)), "range 'null'");
        String huge = "bytes 99999999999999999999999-9999999999999999999999999/*";
        expectRetryable((_, out) -> ScriptedServer.say(out, 206, Map.of("Content-Range", huge), part(10, 20)), huge);
    }

    @Test
    void lengthThatContradictsTheRangeIsRefused() {
        Map<String, String> stated = Map.of("Content-Range", "bytes 10-29/100000");
        expectRetryable((_, out) -> ScriptedServer.say(out, 206, stated, part(10, 21)), "21 bytes where 20");
        expectRetryable((_, out) -> ScriptedServer.say(out, 206, stated, part(10, 19)), "19 bytes where 20");
    }

    @Test
    void longChunkedBodyIsRefused() {
        expectRetryable(
                (_, out) -> {
                    out.write(("HTTP/1.1 206 Partial\r\nTransfer-Encoding: chunked\r\n"
                                    + "Content-Range: bytes 10-29/100000\r\n\r\n15\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
                    out.write(part(10, 21));
                    out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                    out.flush();
                },
                "more than the 20 bytes");
    }

    @Test
    void compressedBodyIsRefused() {
        expectRetryable(
                (_, out) -> ScriptedServer.say(
                        out,
                        206,
                        Map.of("Content-Range", "bytes 10-29/100000", "Content-Encoding", "gzip"),
                        part(10, 20)),
                "encoding gzip");
    }

    @Test
    void bodyThatBreaksOffIsRetryable() {
        expectRetryable(
                (_, out) -> {
                    out.write(("HTTP/1.1 206 Partial\r\nContent-Length: 20\r\n"
                                    + "Content-Range: bytes 10-29/100000\r\n\r\n12345")
                            .getBytes(StandardCharsets.ISO_8859_1));
                    out.flush();
                    throw new IllegalStateException("cut");
                },
                "after 5 of 20 bytes");
    }

    @Test
    void errorBodyIsNeverTakenForBytes() {
        expectRetryable((_, out) -> ScriptedServer.say(out, 503, Map.of(), part(10, 20)), "was answered 503");
        expectRetryable((_, out) -> ScriptedServer.say(out, 429, Map.of(), part(10, 20)), "was answered 429");
    }

    @Test
    void missingBlobIsNamedWithWhatTheRegistrySays() {
        server.script((_, out) -> ScriptedServer.say(
                out,
                404,
                Map.of(),
                "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown\"}]}"
                        .getBytes(StandardCharsets.UTF_8)));
        BackendFailure failure = failure(reader(server.host(), http), 10, 20);
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.NOT_FOUND);
        assertThat(failure)
                .hasMessage("GET http://" + server.host() + Asking.BLOB_PATH
                        + " was answered 404: BLOB_UNKNOWN blob unknown");
    }

    @Test
    void trickleEndsAtTheDeadline() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        server.script((_, out) -> {
            out.write(("HTTP/1.1 206 Partial\r\nContent-Length: 20000\r\n"
                            + "Content-Range: bytes 10-20009/100000\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            try {
                // More often than any time-out between two bytes, and for ever.
                while (true) {
                    out.write(1);
                    out.flush();
                    LockSupport.parkNanos(5_000_000);
                }
            } finally {
                ended.countDown();
            }
        });
        ReadContext shortly = ReadContext.onDemand(Duration.ofMillis(300));
        BackendFailure failure = catchThrowableOfType(
                BackendFailure.class, () -> read(reader(server.host(), http), 10, 20_000, shortly));
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.RETRYABLE);
        assertThat(shortly.remainingNanos()).isZero();
        ended.await();
    }

    @Test
    void silenceEndsAtTheDeadlineToo() {
        server.script((_, _) -> new CountDownLatch(1).await());
        ReadContext shortly = ReadContext.onDemand(Duration.ofMillis(200));
        BackendFailure failure =
                catchThrowableOfType(BackendFailure.class, () -> read(reader(server.host(), http), 10, 20, shortly));
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.RETRYABLE);
    }

    @Test
    void closingEarlyEndsTheTransferAndTheNextReadIsWhole() throws Exception {
        try (BlobStream stream = reader(server.host(), http).open(new ByteRange(0, 100_000), Asking.context())) {
            stream.readFully(MemorySegment.ofArray(new byte[10]));
        }
        assertThat(read(reader(server.host(), http), 3, 4)).isEqualTo(part(3, 4));
    }

    @Test
    void sizeIsTheContentLengthOfAHead() throws Exception {
        server.script((request, out) -> {
            assertThat(request.method()).isEqualTo("HEAD");
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 123456789012\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        });
        assertThat(reader(server.host(), http).size(Asking.context())).isEqualTo(123_456_789_012L);
    }
}
