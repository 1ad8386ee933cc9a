package io.rafsd.storage.credentials;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who we are to a registry. Its text shows no secret.
 *
 * @param user name
 * @param password or token that stands for one
 */
public record Credential(String user, String password) {

    /** The name that Docker's tools give to who has no name but a token. */
    private static final String IDENTITY_TOKEN_USER = "<token>";

    /** A credential of which only an identity token is known. */
    public static Credential ofIdentityToken(String token) {
        return new Credential(IDENTITY_TOKEN_USER, token);
    }

    /** Reads the base64 of {@code user:password}; null if it is none. */
    public static @Nullable Credential parse(String base64) {
        try {
            String text = new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? null : new Credential(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Value of an {@code Authorization} header. */
    public String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Whether the password is no password but a token that a token service exchanges for others, as {@code docker login}
     * keeps it for some registries.
     */
    public boolean isIdentityToken() {
        return user.equals(IDENTITY_TOKEN_USER);
    }

    @Override
    public String toString() {
        return "Credential[" + user + ", ***]";
    }
}
