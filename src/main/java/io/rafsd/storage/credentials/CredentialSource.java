package io.rafsd.storage.credentials;

import org.jspecify.annotations.Nullable;

/** Knows credentials of registries. Asked at each use, so that what changes is seen. Safe for many threads. */
@FunctionalInterface
public interface CredentialSource {

    /** The credential for a registry's host (with its port, if it has one), or null. */
    @Nullable
    Credential find(String host);
}
