package io.rafsd.upgrade;

import io.rafsd.error.UpgradeFailure;

/** What a daemon and those who keep its state say to each other. */
sealed interface KeeperMessage {

    /** What a keeper is there for. */
    enum Role {
        DAEMON(0),
        /** Takes over by itself. */
        STANDBY(1),
        /** Starts another daemon. */
        SUPERVISOR(2),
        /** Of a later version. */
        OTHER(255);

        private final int number;

        Role(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        static Role of(int number) {
            for (Role role : values()) {
                if (role.number == number) {
                    return role;
                }
            }
            return OTHER;
        }
    }

    /**
     * The first message of both sides.
     *
     * @param protocol newest version of this protocol that is spoken
     * @param oldestProtocol and the oldest
     * @param state newest version of the state that is understood
     * @param oldestState and the oldest
     * @param role of the sender
     * @param program and its version, for people
     */
    record Hello(int protocol, int oldestProtocol, int state, int oldestState, Role role, String program)
            implements KeeperMessage {

        static final int PROTOCOL = 1;

        static Hello of(Role role) {
            String version = Hello.class.getPackage().getImplementationVersion();
            return new Hello(
                    PROTOCOL,
                    PROTOCOL,
                    SavedState.VERSION,
                    SavedState.VERSION,
                    role,
                    version == null ? "rafsd" : "rafsd " + version);
        }

        /** @return the version that both speak: the lower of the two newest */
        int agree(Hello other) throws UpgradeFailure {
            agree("state", state, oldestState, other.state, other.oldestState, other.program);
            return agree(
                    "protocol of keepers",
                    protocol,
                    oldestProtocol,
                    other.protocol,
                    other.oldestProtocol,
                    other.program);
        }

        private static int agree(String what, int newest, int oldest, int theirNewest, int theirOldest, String who)
                throws UpgradeFailure {
            int common = Math.min(newest, theirNewest);
            if (common < Math.max(oldest, theirOldest)) {
                throw new UpgradeFailure(
                        "no version of the " + what + " is known to both: here " + oldest + " to " + newest + ", " + who
                                + " has " + theirOldest + " to " + theirNewest
                                + "; upgrade by a version that lies between",
                        null);
            }
            return common;
        }
    }

    /**
     * All that a successor needs; replaces what was sent before.
     *
     * @param number of this one, for {@link Kept}
     */
    record State(long number, Estate estate) implements KeeperMessage {}

    /** A standby could go on with the state of this number. */
    record Kept(long number) implements KeeperMessage {}

    /** So many standbys could go on with the newest state. */
    record Standbys(int count) implements KeeperMessage {}

    /** The daemon has stopped to serve, and wants somebody to go on. */
    record Left() implements KeeperMessage {}

    /** The daemon ends its mount: there is nothing to go on with. */
    record Farewell() implements KeeperMessage {}

    /** The other side is not wanted. */
    record Refused(String why) implements KeeperMessage {}

    /** Of a later version, which can do without an answer. */
    record Unknown(int type) implements KeeperMessage {}
}
