package io.rafsd.supervise;

import io.rafsd.linux.Fd;
import io.rafsd.linux.UnixListener;
import io.rafsd.linux.UnixSocket;
import io.rafsd.upgrade.Estate;
import io.rafsd.upgrade.Predecessor;
import java.io.IOException;
import java.nio.file.Path;

/** Gives state and descriptor to whoever connects, as nydus' supervisor does: the end of the stream is the end of it. */
final class EstateServer implements AutoCloseable {

    private static final int LIMIT_SECONDS = 10;

    private final UnixListener listener;
    private final Predecessor predecessor;

    EstateServer(Path socket, Predecessor predecessor) throws IOException {
        this.listener = UnixListener.bind(socket);
        this.predecessor = predecessor;
        Thread.ofPlatform().name("estate").daemon(true).start(this::run);
    }

    private void run() {
        try {
            for (UnixSocket heir = listener.accept(); heir != null; heir = listener.accept()) {
                give(heir);
            }
        } catch (IOException e) {
            Say.it("no daemon can take over any more: " + e.getMessage());
        }
    }

    private void give(UnixSocket heir) {
        try (heir) {
            heir.limitSending(LIMIT_SECONDS);
            Estate estate = predecessor.estate();
            try (Fd device = estate.device()) {
                heir.send(estate.state(), device);
            }
        } catch (IOException e) {
            Say.it("what was left could not be given to the next daemon: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
