package io.rafsd.supervise;

import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.upgrade.Estate;
import io.rafsd.upgrade.Keeper;
import io.rafsd.upgrade.Predecessor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows whichever daemon serves at a socket, and has the newest state that any of them left. Runs on a thread of its own;
 * all else may be called from any.
 */
final class Watch implements Predecessor {

    private static final int RETRY_MILLIS = 20;

    private final Path socket;
    private final Runnable whenChanged;
    private @Nullable Keeper keeper;
    private @Nullable Estate newest;
    private @Nullable Lost lost;
    private boolean serving;

    /**
     * How the last daemon was lost.
     *
     * @param standbys that could go on then
     */
    record Lost(Keeper.End end, int standbys) {}

    Watch(Path socket, Runnable whenChanged) {
        this.socket = socket;
        this.whenChanged = whenChanged;
    }

    void begin() {
        Thread.ofPlatform().name("watch").daemon(true).start(this::run);
    }

    private void run() {
        String said = "";
        while (!Thread.currentThread().isInterrupted()) {
            try (Keeper connected = Keeper.connect(socket, false)) {
                set(connected);
                Keeper.End end = connected.follow((_, _) -> changed(connected));
                lost(end, connected.standbys());
                said = "";
            } catch (PosixError e) {
                // Nobody listens yet.
                pause();
            } catch (IOException e) {
                if (!said.equals(e.getMessage())) {
                    said = String.valueOf(e.getMessage());
                    Say.it("the daemon at " + socket + " cannot be kept: " + said);
                }
                pause();
            }
        }
    }

    private synchronized void set(Keeper connected) {
        keeper = connected;
    }

    private void changed(Keeper from) {
        try {
            Estate copy = from.estate();
            synchronized (this) {
                drop();
                newest = copy;
                serving = copy != null;
                lost = null;
            }
        } catch (IOException e) {
            Say.it("what the daemon leaves could not be kept: " + e.getMessage());
        }
        whenChanged.run();
    }

    private void lost(Keeper.End end, int standbys) {
        synchronized (this) {
            keeper = null;
            if (end == Keeper.End.DROPPED) {
                return;
            }
            serving = false;
            lost = new Lost(end, standbys);
            if (end == Keeper.End.FAREWELL) {
                drop();
            }
        }
        whenChanged.run();
    }

    private void drop() {
        Estate known = newest;
        newest = null;
        if (known != null) {
            known.device().close();
        }
    }

    /** Whether a daemon serves, or served when last heard of. */
    synchronized boolean isServing() {
        return serving;
    }

    /** How the last daemon was lost; null if none was, or another serves since. */
    synchronized @Nullable Lost lost() {
        return lost;
    }

    synchronized boolean hasEstate() {
        return newest != null;
    }

    /** Of the daemon that serves; 0 if it is not known. */
    synchronized long pid() {
        return keeper == null ? 0 : keeper.daemonPid();
    }

    @Override
    public synchronized Estate estate() throws IOException {
        Estate known = newest;
        if (known == null) {
            throw new NotFound("no daemon has left anything at " + socket);
        }
        return new Estate(known.state(), known.device().duplicate());
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
