package io.rafsd.app;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.demo.registry.Access;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.image.pack.BuiltRafs;
import io.rafsd.image.pack.ImagePacker;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A directory that was built into an image, and a registry of the test's own that serves it.
 *
 * @param work where all of it lies
 */
record PublishedTree(BuiltImage built, PackedImage packed, Path work) {

    static final String REPOSITORY = "test/tree";
    private static final Access TOKENS = new Access.Token("", "", Duration.ofMinutes(5));

    /** @param work an existing directory; {@code image}, {@code oci} and {@code registry} in it are used */
    static PublishedTree of(Path source, Path work, BuildOptions options) throws IOException {
        BuiltImage built = ImageBuilder.build(
                options, source, Files.createDirectories(work.resolve("image")), BuildProgress.SILENT);
        BuiltRafs rafs = new BuiltRafs(
                built.bootstrap(),
                built.blobs().stream()
                        .map(blob -> new BuiltRafs.Blob(blob.id().value(), blob.file(), blob.chunkTable()))
                        .toList(),
                "6");
        PackedImage packed = ImagePacker.pack(rafs, Platform.current(), Files.createDirectories(work.resolve("oci")));
        return new PublishedTree(built, packed, work);
    }

    /** @param port on loopback; 0: a free one */
    EmbeddedRegistry serve(int port) throws IOException {
        EmbeddedRegistry registry =
                EmbeddedRegistry.start(Files.createDirectories(work.resolve("registry")), TOKENS, port);
        for (PackedImage.Content layer : packed.layers()) {
            registry.addBlob(layer.file());
        }
        registry.addBlob(packed.config().file());
        registry.addManifest(
                REPOSITORY,
                "latest",
                packed.manifest().descriptor().mediaType(),
                Files.readAllBytes(packed.manifest().file()));
        return registry;
    }
}
