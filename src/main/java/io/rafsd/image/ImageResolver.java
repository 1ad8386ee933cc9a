package io.rafsd.image;

import io.rafsd.oci.ImageReference;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Finds the RAFS image behind a reference: index, platform, manifest, bootstrap layer. Every digest is checked from the
 * reference down: manifest, bootstrap layer, and the tar entry that holds the bootstrap.
 */
public interface ImageResolver {

    /**
     * Asks the registry and leaves the bootstrap in {@code directory}, under a name made of the manifest's digest; what is
     * there already is verified again and used.
     *
     * @throws io.rafsd.error.InvalidImage if the reference names no RAFS image, with what it names instead
     * @throws io.rafsd.error.IntegrityFailure if a digest does not match
     */
    ResolvedImage resolve(ImageReference reference, Path directory) throws IOException;

    /**
     * A RAFS image, ready to be mounted.
     *
     * @param reference with the digest of the manifest that was chosen
     * @param bootstrap file on local disk
     * @param fsVersion "5" or "6", as the manifest says
     * @param size sum of the sizes of all layers, bytes
     */
    record ResolvedImage(ImageReference reference, Path bootstrap, String fsVersion, long size) {}
}
