package io.rafsd.control;

import io.rafsd.daemon.DaemonController;
import io.rafsd.error.AlreadyExists;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the control API on a unix socket that only its owner may use. It stands before everything else, because clients
 * want an answer within moments of the start; a virtual thread serves each connection. A connection may be silent for ever:
 * clients keep one open to notice our death.
 */
public final class ControlServer implements AutoCloseable {

    private volatile Path socket;
    private final @Nullable Object identity;
    private final ServerSocketChannel listener;
    private final ControlApi api;
    private final boolean residual;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("control-clock").daemon(true).factory());

    private ControlServer(Path socket, ServerSocketChannel listener, ControlApi api, boolean residual)
            throws IOException {
        this.residual = residual;
        this.socket = socket;
        this.identity = identity(socket);
        this.listener = listener;
        this.api = api;
    }

    /**
     * Binds the socket and begins to answer.
     *
     * @param socket path of it, at most 107 bytes
     * @param id of the daemon
     * @param supervisor of the daemon
     * @param controller complete when the daemon can be told to change
     * @param bodies understands configurations
     * @param logLevel sets the level of our log
     * @throws AlreadyExists if another process answers there
     */
    public static ControlServer start(
            Path socket,
            @Nullable String id,
            @Nullable Path supervisor,
            CompletableFuture<DaemonController> controller,
            MountBodies bodies,
            Consumer<String> logLevel)
            throws IOException {
        boolean residual = removeStale(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket), 128);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw new IOException("control socket " + socket + " cannot be made: " + e.getMessage(), e);
        }
        ControlServer server = new ControlServer(
                socket, listener, new ControlApi(id, supervisor, controller, bodies, logLevel), residual);
        Thread.ofPlatform().name("control").daemon(true).start(server::accept);
        return server;
    }

    /** A socket that somebody answers on is somebody's; one that nobody does is left from a crash. */
    private static boolean removeStale(Path socket) throws IOException {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
            throw new AlreadyExists(
                    "another daemon answers on control socket " + socket + "; stop it or use another path");
        } catch (AlreadyExists e) {
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(socket);
            return true;
        }
    }

    private static @Nullable Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Answers at another path from now on, in place of whatever socket has been there. */
    public void moveTo(Path other) throws IOException {
        Files.move(socket, other, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        socket = other;
    }

    /** Whether a daemon that died had left its socket there. */
    public boolean hadPredecessor() {
        return residual;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                Thread.ofVirtual().name("control-connection").start(new Connection(channel, api, clock));
            } catch (IOException e) {
                if (listener.isOpen()) {
                    log().atWarn().log("a control connection could not be taken: {}", e.getMessage());
                }
            }
        }
    }

    /** Stops listening and removes the socket; connections end with the process. */
    @Override
    public void close() {
        try {
            listener.close();
            // A standby may have taken the place meanwhile.
            if (Files.exists(socket) && Objects.equals(identity, identity(socket))) {
                Files.deleteIfExists(socket);
            }
        } catch (IOException e) {
            log().atWarn().log("control socket {} could not be removed: {}", socket, e.getMessage());
        }
        clock.shutdown();
    }

    /** Not at hand before it is needed: the first answer is due before the log is set up. */
    private static Logger log() {
        return LoggerFactory.getLogger(ControlServer.class);
    }
}
