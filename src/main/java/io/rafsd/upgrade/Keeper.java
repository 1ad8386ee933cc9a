package io.rafsd.upgrade;

import io.rafsd.error.PosixError;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.PeerProcess;
import io.rafsd.linux.UnixSocket;
import io.rafsd.upgrade.KeeperMessage.Farewell;
import io.rafsd.upgrade.KeeperMessage.Hello;
import io.rafsd.upgrade.KeeperMessage.Kept;
import io.rafsd.upgrade.KeeperMessage.Left;
import io.rafsd.upgrade.KeeperMessage.Refused;
import io.rafsd.upgrade.KeeperMessage.Role;
import io.rafsd.upgrade.KeeperMessage.Standbys;
import io.rafsd.upgrade.KeeperMessage.State;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what one daemon leaves, and notices how the daemon ends. One thread follows; the others may be called from any.
 */
public final class Keeper implements AutoCloseable {

    private static final int LIMIT_SECONDS = 2;
    /** A process that has closed its side and lives on this long has let us go. */
    private static final int DEATH_MILLIS = 5000;

    private final KeeperLink link;
    private final PeerProcess daemon;
    private volatile int standbys;
    private @Nullable Estate latest;
    private boolean closed;
    private volatile boolean ended;

    /** How a daemon is lost. */
    public enum End {
        /** It died, and somebody is to go on. */
        DIED,
        /** It has stopped to serve, and somebody is to go on. */
        LEFT,
        /** It has ended its mount. */
        FAREWELL,
        /** It lives, but does not speak with us any more: connect again. */
        DROPPED
    }

    /** Hears what changes. */
    @FunctionalInterface
    public interface Listener {

        /**
         * There is a new state, of this number. Must not take long: the daemon waits.
         *
         * @param state bytes of it
         */
        void changed(long number, byte[] state);
    }

    private Keeper(KeeperLink link, PeerProcess daemon) {
        this.link = link;
        this.daemon = daemon;
    }

    /**
     * Connects to the daemon that lets itself be kept at {@code socket}.
     *
     * @param standby whether the caller takes over by itself
     * @throws UpgradeFailure if that daemon is of a version that we do not understand
     */
    public static Keeper connect(Path socket, boolean standby) throws IOException {
        KeeperLink link = new KeeperLink(UnixSocket.connect(socket, LIMIT_SECONDS));
        PeerProcess daemon = null;
        try {
            daemon = link.socket().peer();
            link.greet(Hello.of(standby ? Role.STANDBY : Role.SUPERVISOR));
            return new Keeper(link, daemon);
        } catch (IOException e) {
            link.close();
            if (daemon != null) {
                daemon.close();
            }
            throw e;
        }
    }

    /** Of the daemon; 0 where it cannot be seen. */
    public long daemonPid() {
        return daemon.pid();
    }

    /** How many others would take over by themselves. */
    public int standbys() {
        return standbys;
    }

    /** Blocks until the daemon is lost. A daemon that hangs or is stopped is not. */
    public End follow(Listener listener) throws IOException {
        try {
            while (true) {
                switch (link.hear()) {
                    case State state -> keep(state, listener);
                    case Standbys others -> standbys = others.count();
                    case Left _ -> {
                        return End.LEFT;
                    }
                    case Farewell _ -> {
                        return End.FAREWELL;
                    }
                    case Refused refused -> throw new UpgradeFailure("refused: " + refused.why(), null);
                    case null -> {
                        return howItEnded();
                    }
                    default -> {
                        // Meant for others, or of a later version.
                    }
                }
            }
        } catch (PosixError e) {
            // Reset instead of ended: it died with something unread.
            return howItEnded();
        }
    }

    private End howItEnded() throws PosixError {
        return !ended && daemon.awaitEnd(DEATH_MILLIS) ? End.DIED : End.DROPPED;
    }

    private void keep(State state, Listener listener) {
        synchronized (this) {
            drop();
            latest = state.estate();
        }
        listener.changed(state.number(), state.estate().state());
    }

    /** Tells the daemon that this standby could go on with the state of that number. */
    public synchronized void couldGoOnWith(long number) throws IOException {
        if (!closed) {
            link.say(new Kept(number));
        }
    }

    /** A copy of what the daemon left, for the caller to close; null if it has left nothing. */
    public synchronized @Nullable Estate estate() throws IOException {
        Estate known = latest;
        return known == null ? null : new Estate(known.state(), known.device().duplicate());
    }

    private void drop() {
        Estate known = latest;
        latest = null;
        if (known != null) {
            known.device().close();
        }
    }

    /** Lets {@link #follow} return. */
    public void end() {
        ended = true;
        link.end();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            drop();
            link.close();
            daemon.close();
        }
    }
}
