package io.rafsd.app;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuiltImage;
import io.rafsd.demo.registry.Access;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.testing.PackedTree;
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
        PackedTree tree = PackedTree.of(source, work, options);
        return new PublishedTree(tree.built(), tree.image(), work);
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
