package io.rafsd.fuse.kernel;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.fuse.protocol.Request;
import io.rafsd.fuse.server.FuseServer;
import io.rafsd.fuse.server.RequestHandler;
import io.rafsd.linux.Fd;
import io.rafsd.linux.Poll;
import io.rafsd.linux.WakeUp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that reads requests and answers them, one after the other, with buffers of its own.
 */
final class Worker {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    /**
     * What we negotiate needs far less, but a connection that was negotiated by nydusd refuses reads with a smaller buffer.
     */
    private static final int REQUEST_SIZE = InitFacts.MAX_READ + 4096;

    private final Fd device;
    private final WakeUp wakeUp;
    private final FuseServer server;
    private final Runnable whenEnded;
    private final Thread thread;

    Worker(int number, Fd device, WakeUp wakeUp, FuseServer server, Runnable whenEnded) {
        this.device = device;
        this.wakeUp = wakeUp;
        this.server = server;
        this.whenEnded = whenEnded;
        this.thread = Thread.ofPlatform().name("fuse-" + number).daemon(true).unstarted(this::run);
    }

    String name() {
        return thread.getName();
    }

    void start() {
        thread.start();
    }

    /** @return false if it was still at work at the deadline */
    boolean join(long deadlineNanos) {
        while (thread.isAlive()) {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            try {
                thread.join(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return !thread.isAlive();
            }
        }
        return true;
    }

    private void run() {
        MemorySegment buffer = Arena.ofAuto().allocate(REQUEST_SIZE, 4096);
        Request request = new Request(buffer);
        RequestHandler handler = server.newHandler(new DeviceChannel(device));
        try (Poll poll = new Poll(device, wakeUp)) {
            loop(poll, buffer, request, handler);
        } catch (PosixError e) {
            log.atError().setCause(e).log("a FUSE worker ends");
        } finally {
            whenEnded.run();
        }
    }

    private void loop(Poll poll, MemorySegment buffer, Request request, RequestHandler handler) throws PosixError {
        while (!wakeUp.isAwake()) {
            long n = device.tryRead(buffer);
            if (n > 0) {
                if (request.receive(n)) {
                    handler.handle(request);
                } else {
                    log.atError().addKeyValue("bytes", n).log("the kernel sent what is no request");
                }
                continue;
            }
            switch (Errno.of((int) -n)) {
                case EAGAIN -> {
                    switch (poll.await()) {
                        case WOKEN -> {
                            return;
                        }
                        case READABLE, BROKEN -> {
                            // The next read tells.
                        }
                    }
                }
                // Interrupted, or a request that was aborted before it could be copied.
                case EINTR, ENOENT -> {}
                // ENODEV: unmounted. ECONNABORTED, ENOTCONN: aborted.
                default -> {
                    return;
                }
            }
        }
    }
}
