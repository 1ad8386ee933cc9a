package io.rafsd.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.daemon.DaemonController;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whatever a client sends: what it hears is HTTP, and the conversation ends with its last byte. */
class ConnectionFuzzTest {

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon(true).factory());
    private static final ControlApi API = new ControlApi(
            "id",
            null,
            new NeverReady(),
            new NoConfigurations(),
            level -> assertThat(level).matches("off|error|warn|info|debug|trace"));

    @FuzzTest
    void anyBytesAreAnsweredInHttp(byte[] bytes) throws IOException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (SocketChannel nowhere = SocketChannel.open()) {
            new Connection(nowhere, API, CLOCK).converse(new ByteArrayInputStream(bytes), answers);
        } catch (IOException e) {
            // The client ended in the middle of a request.
            assertThat(e).hasNoCause();
        }
        String heard = answers.toString(StandardCharsets.ISO_8859_1);
        assertThat(heard).doesNotContain("\tat ");
        if (!heard.isEmpty()) {
            assertThat(heard).startsWith("HTTP/1.1 ");
        }
    }

    /** The daemon that is waited for never comes, and nobody need wait to find out. */
    private static final class NeverReady extends CompletableFuture<DaemonController> {

        @Override
        public DaemonController get(long timeout, TimeUnit unit) throws TimeoutException {
            throw new TimeoutException();
        }
    }
}
