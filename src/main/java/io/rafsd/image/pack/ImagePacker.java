package io.rafsd.image.pack;

import io.rafsd.error.InvalidImage;
import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Manifest;
import io.rafsd.oci.MediaTypes;
import io.rafsd.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Packs a RAFS image as an OCI image, as the field's converters do: each blob is a layer as it is, the last layer holds
 * the bootstrap (RAFS format, section 6.8). The same image gives the same bytes.
 */
public final class ImagePacker {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private ImagePacker() {}

    /**
     * Writes the bootstrap layer, config and manifest to {@code work}, an existing directory; blobs stay where they are.
     *
     * @throws InvalidImage if a blob's id is no digest, so that no registry could store the blob under it
     */
    public static PackedImage pack(BuiltRafs image, Platform platform, Path work) throws IOException {
        List<PackedImage.Content> layers = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (BuiltRafs.Blob blob : image.blobs()) {
            PackedImage.Content layer = blobLayer(blob);
            layers.add(layer);
            diffIds.add(layer.descriptor().digest());
        }
        BootstrapTar tar = BootstrapTar.write(image, work.resolve("bootstrap.tar.gz"));
        layers.add(content(
                tar.file(),
                MediaTypes.LAYER_TAR_GZIP,
                Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true", MediaTypes.FS_VERSION_ANNOTATION, image.fsVersion())));
        diffIds.add(tar.diffId());
        PackedImage.Content config =
                document(work.resolve("config.json"), MediaTypes.CONFIG, ImageConfig.toJson(platform, diffIds));
        Manifest.Image manifest = new Manifest.Image(
                config.descriptor(),
                layers.stream().map(PackedImage.Content::descriptor).toList());
        return new PackedImage(
                document(work.resolve("manifest.json"), MediaTypes.MANIFEST, manifest.toJson()),
                config,
                layers,
                platform);
    }

    /**
     * Writes an index of images to {@code work}. Each is marked as a RAFS image, so that a reader which knows RAFS chooses
     * it among the images for its platform.
     *
     * @param others manifests of ordinary images, with their platforms, that come first
     */
    public static PackedImage.Content index(List<Descriptor> others, List<PackedImage> images, Path work)
            throws IOException {
        List<Descriptor> manifests = new ArrayList<>(others);
        for (PackedImage image : images) {
            Descriptor manifest = image.manifest().descriptor();
            manifests.add(new Descriptor(
                    manifest.mediaType(),
                    manifest.digest(),
                    manifest.size(),
                    manifest.annotations(),
                    image.platform(),
                    MediaTypes.NYDUS_ARTIFACT));
        }
        return document(work.resolve("index.json"), MediaTypes.INDEX, new Manifest.Index(manifests).toJson());
    }

    private static PackedImage.Content blobLayer(BuiltRafs.Blob blob) throws IOException {
        if (!SHA256.matcher(blob.id()).matches()) {
            throw new InvalidImage(
                    "blob " + blob.id() + " cannot be a layer: a registry stores it by the SHA-256 of its"
                            + " bytes, so its id must be that");
        }
        return content(
                new DigestedFile(blob.file(), "sha256:" + blob.id(), Files.size(blob.file())),
                MediaTypes.NYDUS_BLOB,
                Map.of(MediaTypes.BLOB_ANNOTATION, "true"));
    }

    private static PackedImage.Content document(Path file, String mediaType, byte[] json) throws IOException {
        return content(DigestedFile.write(file, out -> out.write(json)), mediaType, Map.of());
    }

    private static PackedImage.Content content(DigestedFile file, String mediaType, Map<String, String> annotations) {
        return new PackedImage.Content(Descriptor.of(mediaType, file.digest(), file.size(), annotations), file.file());
    }
}
