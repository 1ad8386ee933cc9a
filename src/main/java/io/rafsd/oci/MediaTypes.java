package io.rafsd.oci;

/** Media types and annotations of images that hold a RAFS file system. */
public final class MediaTypes {

    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String LAYER_TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    /** A RAFS data blob. */
    public static final String NYDUS_BLOB = "application/vnd.oci.image.layer.nydus.blob.v1";
    /** Artifact type of a RAFS manifest beside an ordinary one. */
    public static final String NYDUS_ARTIFACT = "application/vnd.nydus.image.manifest.v1+json";

    /** Annotation of a data blob's layer, "true". */
    public static final String BLOB_ANNOTATION = "containerd.io/snapshot/nydus-blob";
    /** Annotation of the layer that holds the bootstrap, "true". */
    public static final String BOOTSTRAP_ANNOTATION = "containerd.io/snapshot/nydus-bootstrap";
    /** Annotation of that layer: "5" or "6". */
    public static final String FS_VERSION_ANNOTATION = "containerd.io/snapshot/nydus-fs-version";
    /** Annotation of an encrypted blob's layer. */
    public static final String ENCRYPTED_ANNOTATION = "containerd.io/snapshot/nydus-encrypted-blob";

    /** What we accept where a manifest is asked for. */
    public static final String ACCEPT = String.join(", ", MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX);

    private MediaTypes() {}
}
