package io.rafsd.image.pack;

import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Platform;
import java.nio.file.Path;
import java.util.List;

/**
 * An OCI image on local disk, ready to be pushed: layers and config first, then the manifest.
 *
 * @param manifest names all else; its digest is the image's
 * @param config of the image
 * @param layers data blobs, then the layer with the bootstrap
 * @param platform the image is for
 */
public record PackedImage(Content manifest, Content config, List<Content> layers, Platform platform) {

    public PackedImage {
        layers = List.copyOf(layers);
    }

    /**
     * Something a registry stores.
     *
     * @param descriptor its type, digest and size
     * @param file its bytes
     */
    public record Content(Descriptor descriptor, Path file) {}
}
