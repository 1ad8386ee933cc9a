package io.rafsd.app.cli;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.linux.Limits;
import io.rafsd.linux.MountTable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Uses a daemon as its clients would, and tells it to end: what the AOT cache should know. An image is mounted into the
 * daemon's own tree; the kernel is not needed.
 *
 * @param directory for its files
 * @param socket of the daemon
 */
record Rehearsal(Path directory, Path socket) {

    void run() throws IOException {
        MountTable.read();
        Limits.raiseOpenFiles(1);
        Path source = Files.createDirectories(directory.resolve("source"));
        Files.writeString(source.resolve("file"), "content\n".repeat(1000));
        BuiltImage image = ImageBuilder.build(
                BuildOptions.defaults(),
                source,
                Files.createDirectories(directory.resolve("image")),
                BuildProgress.SILENT);
        String config =
                "{\\\"device\\\":{\\\"backend\\\":{\\\"type\\\":\\\"localfs\\\",\\\"config\\\":{\\\"dir\\\":\\\""
                        + directory.resolve("image")
                        + "\\\"}},\\\"cache\\\":{\\\"type\\\":\\\"blobcache\\\",\\\"config\\\":{\\\"work_dir\\\":\\\""
                        + directory.resolve("cache") + "\\\"}}},\\\"mode\\\":\\\"direct\\\"}";
        ask("GET", "/api/v1/daemon", "");
        ask(
                "POST",
                "/api/v1/mount?mountpoint=/a",
                "{\"source\":\"" + image.bootstrap() + "\",\"config\":\"" + config + "\"}");
        ask("GET", "/api/v1/mount", "");
        ask("DELETE", "/api/v1/mount?mountpoint=/a", "");
        ask("PUT", "/api/v1/daemon/exit", "");
    }

    private void ask(String method, String target, String body) throws IOException {
        String request = method + " " + target + " HTTP/1.1\r\nHost: unix\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(StandardCharsets.UTF_8.encode(request));
            ByteBuffer answer = ByteBuffer.allocate(1 << 14);
            while (channel.read(answer) >= 0 && answer.hasRemaining()) {
                // Until the daemon has said all.
            }
        }
    }
}
