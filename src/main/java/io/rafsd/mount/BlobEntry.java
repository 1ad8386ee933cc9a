package io.rafsd.mount;

/**
 * An image for the {@link BlobCacheMgr}, as a client puts it.
 *
 * @param domain that shares its blobs; empty for none
 * @param id of the bootstrap within the domain
 * @param image what is bound
 */
public record BlobEntry(String domain, String id, MountSpec.LocalBootstrap image) {

    /** By which it is found again. */
    public String key() {
        return key(domain, id);
    }

    static String key(String domain, String id) {
        return domain.isEmpty() ? id : domain + "/" + id;
    }
}
