package io.rafsd.demo.registry;

import java.time.Duration;

/** Who may use the registry, and how they show it. {@code toString} shows no secret. */
public sealed interface Access {

    /** Everybody. */
    record Open() implements Access {}

    /** Who sends this user's name and password with each request. */
    record Basic(String user, String password) implements Access {

        @Override
        public String toString() {
            return "Basic[" + user + ", ***]";
        }
    }

    /**
     * Who brings a token from the registry's own token service.
     *
     * @param user who gets tokens; empty: everybody
     * @param password of that user
     * @param life how long a token is good for, whole seconds
     */
    record Token(String user, String password, Duration life) implements Access {

        @Override
        public String toString() {
            return "Token[" + user + ", ***, " + life + "]";
        }
    }
}
