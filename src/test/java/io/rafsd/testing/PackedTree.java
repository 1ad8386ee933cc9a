package io.rafsd.testing;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.image.pack.BuiltRafs;
import io.rafsd.image.pack.ImagePacker;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory as an OCI image, ready to be pushed. */
public record PackedTree(BuiltImage built, PackedImage image) {

    /** @param work an existing directory; {@code image} and {@code oci} in it are used */
    public static PackedTree of(Path source, Path work, BuildOptions options) throws IOException {
        BuiltImage built = ImageBuilder.build(
                options, source, Files.createDirectories(work.resolve("image")), BuildProgress.SILENT);
        BuiltRafs rafs = new BuiltRafs(
                built.bootstrap(),
                built.blobs().stream()
                        .map(blob -> new BuiltRafs.Blob(blob.id().value(), blob.file(), blob.chunkTable()))
                        .toList(),
                "6");
        PackedImage image = ImagePacker.pack(rafs, Platform.current(), Files.createDirectories(work.resolve("oci")));
        return new PackedTree(built, image);
    }
}
