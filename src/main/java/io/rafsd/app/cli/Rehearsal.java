package io.rafsd.app.cli;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Starts a daemon as its clients would, asks what they ask, reads what they read, and tells it to end: what the AOT cache
 * should know. Where the kernel cannot be mounted to, it does without.
 *
 * @param directory for its files
 * @param socket of the daemon
 * @param mountPoint of the daemon
 * @param actuatorPort of the daemon, negative for none
 */
record Rehearsal(Path directory, Path socket, Path mountPoint, int actuatorPort) {

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final String FILE = "file";
    private static final int NO_PORT = -1;

    /** @return the exit code of the daemon */
    static int run(DaemonRunner daemon, boolean actuator) throws IOException {
        Path directory = Files.createTempDirectory("rafsd-rehearsal-");
        try {
            Rehearsal rehearsal = new Rehearsal(
                    directory,
                    directory.resolve("api.sock"),
                    Files.createDirectories(directory.resolve("mnt")),
                    actuator ? freePort() : NO_PORT);
            return new CommandLine(new NydusdCommand(launch -> daemon.run(launch.whenServing(rehearsal::useDaemon))))
                    .execute(rehearsal.commandLine().toArray(String[]::new));
        } finally {
            try (Stream<Path> below = Files.walk(directory)) {
                for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    private static boolean canMount() throws IOException {
        return Limits.effectiveUser() == 0 && Files.isWritable(DEVICE);
    }

    private List<String> commandLine() throws IOException {
        Path source = Files.createDirectories(directory.resolve("source"));
        Files.writeString(source.resolve(FILE), "content\n".repeat(1000));
        Path blobs = Files.createDirectories(directory.resolve("image"));
        BuiltImage image = ImageBuilder.build(BuildOptions.defaults(), source, blobs, BuildProgress.SILENT);
        Path config = directory.resolve("config.json");
        Files.writeString(config, config(blobs));
        List<String> line = new ArrayList<>(List.of("--apisock", socket.toString(), "--log-level", "warn"));
        line.addAll(List.of("--actuator-port", Integer.toString(actuatorPort)));
        line.addAll(List.of("--mountpoint", mountPoint.toString()));
        line.addAll(List.of("--bootstrap", image.bootstrap().toString()));
        line.addAll(List.of("--config", config.toString()));
        if (!canMount()) {
            line.add("--upgrade");
        }
        return line;
    }

    private String config(Path blobs) {
        return """
                {"device": {"backend": {"type": "localfs", "config": {"dir": "%s"}},
                 "cache": {"type": "blobcache", "config": {"work_dir": "%s"}}}, "mode": "direct"}
                """.formatted(blobs, directory.resolve("cache"));
    }

    private void useDaemon() throws IOException {
        if (actuatorPort != NO_PORT) {
            List.of("health", "prometheus", "daemon", "blobcache").forEach(this::look);
        }
        ask("GET", "/api/v1/daemon");
        ask("GET", "/api/v1/mount");
        if (canMount()) {
            Files.readAllBytes(mountPoint.resolve(FILE));
            MountPoint.unmount(mountPoint, 0);
        } else {
            ask("PUT", "/api/v1/daemon/exit");
        }
    }

    private void look(String endpoint) {
        URI uri = URI.create("http://127.0.0.1:" + actuatorPort + "/actuator/" + endpoint);
        try (InputStream answer = uri.toURL().openStream()) {
            answer.readAllBytes();
        } catch (IOException e) {
            // A daemon that waits is not healthy; that was answered, too.
        }
    }

    private void ask(String method, String target) throws IOException {
        String request = method + " " + target + " HTTP/1.1\r\nHost: unix\r\nConnection: close\r\n\r\n";
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
