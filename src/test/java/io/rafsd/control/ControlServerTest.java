package io.rafsd.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.daemon.DaemonController;
import io.rafsd.error.AlreadyExists;
import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlServerTest {

    @TempDir
    private Path directory = Path.of("");

    private final List<String> levels = new ArrayList<>();
    private final CompletableFuture<DaemonController> controller = new CompletableFuture<>();
    private Path socket = Path.of("");
    private ControlServer server = unused();

    @SuppressWarnings("NullAway") // set before each test
    private static ControlServer unused() {
        return null;
    }

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("api.sock");
        server = ControlServer.start(socket, "d1", null, controller, new NoConfigurations(), levels::add);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private SocketChannel connect() throws IOException {
        return new ControlSocket(socket).connect();
    }

    private String exchange(String request) throws IOException {
        return new ControlSocket(socket).exchange(request);
    }

    private String ask(String method, String target, String body) throws IOException {
        return new ControlSocket(socket).ask(method, target, body);
    }

    @Test
    void stateIsAnsweredAsInitBeforeThereIsADaemon() throws IOException {
        assertThat(ask("GET", "/api/v1/daemon", ""))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"state\":\"INIT\"")
                .contains("\"id\":\"d1\"")
                .contains("\"backend_collection\":{}");
    }

    @Test
    void onlyTheOwnerMayUseTheSocket() throws IOException {
        assertThat(Files.getPosixFilePermissions(socket)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nothing, 404, NoRoute",
        "GET, /api/v1/daemon/, 404, NoRoute",
        "DELETE, /api/v1/daemon, 400, BadRequest",
        "GET, /api/v1/daemon/start, 400, BadRequest",
        "POST, /api/v1/mount, 400, QueryString",
        "DELETE, /api/v1/mount, 400, QueryString",
        "POST, /api/v1/mount?mountpoint=/a, 400, ParseBody",
    })
    void whatIsNotUnderstoodIsAnsweredAsNydusdDoes(String method, String target, int status, String word)
            throws IOException {
        assertThat(ask(method, target, ""))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\"code\":\"UNDEFINED\"")
                .contains(word);
    }

    @Test
    void bytesThatAreNoHttpAreRefusedAndHurtNobody() throws IOException {
        assertThat(exchange("\u0000\u0001 garbage\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(ask("GET", "/api/v1/daemon", "")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void silentAndHalfFinishedClientsBlockNobody() throws IOException {
        List<SocketChannel> others = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                SocketChannel channel = connect();
                others.add(channel);
                if (i % 2 == 0) {
                    channel.write(StandardCharsets.US_ASCII.encode(
                            "PUT /api/v1/daemon HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"));
                }
            }
            assertThat(ask("GET", "/api/v1/daemon", "")).startsWith("HTTP/1.1 200 ");
        } finally {
            for (SocketChannel channel : others) {
                channel.close();
            }
        }
    }

    @Test
    void connectionStaysOpenForTheNextRequest() throws IOException {
        try (SocketChannel channel = connect()) {
            for (int i = 0; i < 3; i++) {
                channel.write(StandardCharsets.US_ASCII.encode("GET /api/v1/daemon HTTP/1.1\r\nHost: unix\r\n\r\n"));
                ByteBuffer answer = ByteBuffer.allocate(4096);
                channel.read(answer);
                assertThat(StandardCharsets.US_ASCII.decode(answer.flip()).toString())
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void logLevelIsSetAndAnUnknownOneRefused() throws IOException {
        assertThat(ask("PUT", "/api/v1/daemon", "{\"log_level\":\"Debug\"}")).startsWith("HTTP/1.1 204 ");
        assertThat(levels).containsExactly("debug");
        assertThat(ask("PUT", "/api/v1/daemon", "{\"log_level\":\"loud\"}")).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void bodyOfAMegabyteIsTaken() throws IOException {
        String body = "{\"source\":\"/a\",\"config\":\"{}\",\"pad\":\"" + "x".repeat(1 << 20) + "\"}";
        assertThat(ask("POST", "/api/v1/mount?mountpoint=%2Fa", body))
                .startsWith("HTTP/1.1 500 ")
                .contains("no configuration");
    }

    @Test
    void socketOfALivingDaemonIsNotTakenAndThatOfADeadOneIs() throws IOException {
        assertThatExceptionOfType(AlreadyExists.class)
                .isThrownBy(
                        () -> ControlServer.start(socket, null, null, controller, new NoConfigurations(), levels::add));
        server.close();
        Files.writeString(socket, "left behind");
        start();
        assertThat(ask("GET", "/api/v1/daemon", "")).startsWith("HTTP/1.1 200 ");
    }
}
