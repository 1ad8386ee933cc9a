package io.rafsd.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between a daemon and its registry, as a far network does: each answer begins late, and none goes on while it is
 * silent.
 */
final class LateProxy implements AutoCloseable {

    private static final int BUFFER = 64 << 10;

    private final ServerSocket door;
    private final int registryPort;
    private final Duration lateness;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile CountDownLatch silence = new CountDownLatch(0);

    private LateProxy(ServerSocket door, int registryPort, Duration lateness) {
        this.door = door;
        this.registryPort = registryPort;
        this.lateness = lateness;
    }

    /** @param lateness of the first byte of each answer */
    static LateProxy before(int registryPort, Duration lateness) throws IOException {
        LateProxy proxy =
                new LateProxy(new ServerSocket(0, 128, InetAddress.getLoopbackAddress()), registryPort, lateness);
        Future<?> _ = proxy.threads.submit(proxy::welcome);
        return proxy;
    }

    /** {@code 127.0.0.1:PORT}, as it stands in image references. */
    String host() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    /** From now on no byte of an answer passes. */
    void fallSilent() {
        silence = new CountDownLatch(1);
    }

    /** What was held back passes. */
    void speakAgain() {
        silence.countDown();
    }

    private void welcome() {
        try {
            while (true) {
                Socket client = door.accept();
                Future<?> _ = threads.submit(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket registry = new Socket(InetAddress.getLoopbackAddress(), registryPort)) {
            client.setTcpNoDelay(true);
            registry.setTcpNoDelay(true);
            AtomicBoolean asked = new AtomicBoolean();
            Future<?> _ = threads.submit(() -> {
                passRequests(client, registry, asked);
            });
            passAnswers(registry.getInputStream(), client.getOutputStream(), asked);
        } catch (IOException e) {
            // One side has gone, and now the other.
        }
    }

    private static void passRequests(Socket client, Socket registry, AtomicBoolean asked) {
        byte[] buffer = new byte[BUFFER];
        try (registry) {
            InputStream in = client.getInputStream();
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                asked.set(true);
                registry.getOutputStream().write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side has gone.
        }
    }

    private void passAnswers(InputStream in, OutputStream out, AtomicBoolean asked) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
            if (asked.getAndSet(false)) {
                LockSupport.parkNanos(lateness.toNanos());
            }
            awaitSpeech();
            out.write(buffer, 0, n);
        }
    }

    private void awaitSpeech() throws IOException {
        try {
            silence.await();
        } catch (InterruptedException e) {
            throw new IOException("the proxy is closed", e);
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        speakAgain();
        threads.shutdownNow();
    }
}
