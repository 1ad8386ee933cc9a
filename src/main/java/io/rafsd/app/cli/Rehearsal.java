package io.rafsd.app.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Uses a daemon as its clients would, and tells it to end. */
record Rehearsal(Path socket) {

    private static final List<String> REQUESTS =
            List.of("GET /api/v1/daemon", "GET /api/v1/mount", "PUT /api/v1/daemon/exit");

    void run() throws IOException {
        for (String request : REQUESTS) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(StandardCharsets.US_ASCII.encode(
                        request + " HTTP/1.1\r\nHost: unix\r\nConnection: close\r\n\r\n"));
                ByteBuffer answer = ByteBuffer.allocate(4096);
                while (channel.read(answer) >= 0 && answer.hasRemaining()) {
                    // Until the daemon has said all.
                }
            }
        }
    }
}
