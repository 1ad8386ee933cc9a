package io.rafsd.upgrade;

import io.rafsd.error.AlreadyExists;
import io.rafsd.linux.LockFile;
import io.rafsd.linux.UnixListener;
import io.rafsd.linux.UnixSocket;
import io.rafsd.upgrade.KeeperMessage.Farewell;
import io.rafsd.upgrade.KeeperMessage.Hello;
import io.rafsd.upgrade.KeeperMessage.Kept;
import io.rafsd.upgrade.KeeperMessage.Left;
import io.rafsd.upgrade.KeeperMessage.Role;
import io.rafsd.upgrade.KeeperMessage.Standbys;
import io.rafsd.upgrade.KeeperMessage.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's side of its keepers: they connect to its socket, and each is given state and descriptor, again whenever those
 * change. Beside the socket lies a lock, which a daemon has for as long as it may serve: who would take over needs it first.
 * Safe for many threads.
 */
public final class Keepers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Keepers.class);

    private final Path socket;
    private final LockFile lock;
    private final UnixListener listener;
    private final List<Member> members = new ArrayList<>();
    private @Nullable State latest;
    private long number;
    private boolean closed;

    private static final class Member {
        private final KeeperLink link;
        private final Role role;
        private long kept;

        Member(KeeperLink link, Role role) {
            this.link = link;
            this.role = role;
        }
    }

    private Keepers(Path socket, LockFile lock, UnixListener listener) {
        this.socket = socket;
        this.lock = lock;
        this.listener = listener;
    }

    /** The lock of those who serve, and let themselves be kept, at {@code socket}; null if somebody has it. */
    public static @Nullable LockFile tryLock(Path socket) throws IOException {
        return LockFile.tryLock(socket.resolveSibling(socket.getFileName() + ".lock"));
    }

    /** @throws AlreadyExists if another daemon serves there */
    public static Keepers listen(Path socket) throws IOException {
        LockFile lock = tryLock(socket);
        if (lock == null) {
            throw new AlreadyExists("another daemon serves and holds the lock of " + socket
                    + "; stop it, or start this one as its standby");
        }
        return listen(socket, lock);
    }

    /** @param lock that the caller has, and gives away */
    public static Keepers listen(Path socket, LockFile lock) throws IOException {
        try {
            Keepers keepers = new Keepers(socket, lock, UnixListener.bind(socket));
            Thread.ofPlatform().name("keepers").daemon(true).start(keepers::accept);
            return keepers;
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private void accept() {
        try {
            for (UnixSocket connected = listener.accept(); connected != null; connected = listener.accept()) {
                KeeperLink link = new KeeperLink(connected);
                Thread.ofPlatform().name("keeper").daemon(true).start(() -> attend(link));
            }
        } catch (IOException e) {
            log.atError().setCause(e).log("no more keepers can connect to {}", socket);
        }
    }

    private void attend(KeeperLink link) {
        Member member = null;
        try (link) {
            Hello greeted = link.greet(Hello.of(Role.DAEMON));
            member = new Member(link, greeted.role());
            welcome(member);
            log.atInfo()
                    .addKeyValue("role", greeted.role())
                    .addKeyValue("program", greeted.program())
                    .log("a keeper has come");
            for (KeeperMessage heard = link.hear(); heard != null; heard = link.hear()) {
                if (heard instanceof Kept kept) {
                    keeps(member, kept.number());
                }
            }
            log.atInfo().addKeyValue("role", greeted.role()).log("a keeper has gone");
        } catch (IOException e) {
            log.atWarn().log("a keeper is lost: {}", e.getMessage());
        } finally {
            if (member != null) {
                forget(member);
            }
        }
    }

    private synchronized void welcome(Member member) throws IOException {
        if (closed) {
            member.link.say(new Farewell());
            return;
        }
        members.add(member);
        State known = latest;
        if (known != null) {
            member.link.say(known);
        }
        member.link.say(new Standbys(standbys()));
    }

    private synchronized void forget(Member member) {
        if (members.remove(member)) {
            tellAll(new Standbys(standbys()));
        }
    }

    private synchronized void keeps(Member member, long kept) {
        member.kept = kept;
        tellAll(new Standbys(standbys()));
    }

    private int standbys() {
        return (int) members.stream()
                .filter(one -> one.role == Role.STANDBY && one.kept == number && number > 0)
                .count();
    }

    /** Who does not take it is let go: it comes again, and starts anew. */
    private void tellAll(KeeperMessage message) {
        for (Member member : List.copyOf(members)) {
            try {
                member.link.say(message);
            } catch (IOException e) {
                log.atWarn().log("a keeper does not listen and is let go: {}", e.getMessage());
                members.remove(member);
                member.link.end();
            }
        }
    }

    /** Gives all what a successor needs now. The descriptor stays the caller's. */
    public synchronized void offer(Estate estate) throws IOException {
        if (closed) {
            return;
        }
        drop();
        number++;
        State state =
                new State(number, new Estate(estate.state(), estate.device().duplicate()));
        latest = state;
        tellAll(state);
    }

    /** Tells that this daemon has stopped to serve, and that somebody is to go on. */
    public void leave() {
        end(new Left());
    }

    /** Tells that the mount ends. Whoever takes over after this has not listened. */
    public void farewell() {
        end(new Farewell());
    }

    private synchronized void end(KeeperMessage last) {
        if (closed) {
            return;
        }
        closed = true;
        drop();
        listener.close();
        lock.close();
        tellAll(last);
        members.forEach(member -> member.link.end());
    }

    private void drop() {
        State known = latest;
        latest = null;
        if (known != null) {
            known.estate().device().close();
        }
    }

    @Override
    public void close() {
        farewell();
    }
}
