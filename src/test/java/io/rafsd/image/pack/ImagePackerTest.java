package io.rafsd.image.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.oci.Descriptor;
import io.rafsd.oci.Manifest;
import io.rafsd.oci.MediaTypes;
import io.rafsd.oci.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImagePackerTest {

    private static final Platform ARM = new Platform("linux", "arm64");

    @TempDir
    Path work;

    private BuiltRafs rafs;
    private String blobId;

    @BeforeEach
    void makeImage() throws IOException {
        byte[] blob = {1, 2, 3};
        blobId = sha256(blob);
        rafs = new BuiltRafs(
                Files.writeString(work.resolve("boot"), "bootstrap"),
                List.of(new BuiltRafs.Blob(
                        blobId,
                        Files.write(work.resolve("blob"), blob),
                        Files.writeString(work.resolve("table"), "chunk table"))),
                "6");
    }

    @Test
    void manifestNamesEveryBlobAsItIsAndTheBootstrapLast() throws IOException {
        PackedImage packed = ImagePacker.pack(rafs, ARM, work);

        Manifest.Image manifest = (Manifest.Image)
                Manifest.parse(Files.readAllBytes(packed.manifest().file()));
        assertThat(manifest.config()).isEqualTo(packed.config().descriptor());
        assertThat(manifest.layers())
                .isEqualTo(packed.layers().stream()
                        .map(PackedImage.Content::descriptor)
                        .toList());
        Descriptor blob = manifest.layers().getFirst();
        assertThat(blob.mediaType()).isEqualTo(MediaTypes.NYDUS_BLOB);
        assertThat(blob.digest()).isEqualTo("sha256:" + blobId);
        assertThat(blob.annotation(MediaTypes.BLOB_ANNOTATION)).isEqualTo("true");
        Descriptor bootstrap = manifest.layers().getLast();
        assertThat(bootstrap.mediaType()).isEqualTo(MediaTypes.LAYER_TAR_GZIP);
        assertThat(bootstrap.annotation(MediaTypes.BOOTSTRAP_ANNOTATION)).isEqualTo("true");
        assertThat(bootstrap.annotation(MediaTypes.FS_VERSION_ANNOTATION)).isEqualTo("6");
    }

    @Test
    void everyDescriptorIsThatOfItsFile() throws IOException {
        PackedImage packed = ImagePacker.pack(rafs, ARM, work);

        List<PackedImage.Content> all = new ArrayList<>(packed.layers());
        all.add(packed.config());
        all.add(packed.manifest());
        for (PackedImage.Content content : all) {
            byte[] bytes = Files.readAllBytes(content.file());
            assertThat(content.descriptor().hex()).isEqualTo(sha256(bytes));
            assertThat(content.descriptor().size()).isEqualTo(bytes.length);
        }
    }

    @Test
    void bootstrapLayerHoldsBootstrapAndChunkTables() throws IOException {
        PackedImage packed = ImagePacker.pack(rafs, ARM, work);

        List<String> entries = new ArrayList<>();
        try (InputStream layer = Files.newInputStream(packed.layers().getLast().file());
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(layer))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add(entry.getName() + " " + Integer.toOctalString(entry.getMode()) + " "
                        + entry.getLastModifiedTime().toMillis() + " "
                        + new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(entries)
                .containsExactly(
                        "image/ 40755 0 ",
                        "image/image.boot 100444 0 bootstrap",
                        "image/" + blobId + ".blob.meta 100444 0 chunk table");
    }

    @Test
    void configStatesPlatformAndTheDigestsOfUncompressedLayers() throws IOException {
        PackedImage packed = ImagePacker.pack(rafs, ARM, work);

        JsonNode config = new JsonMapper().readTree(packed.config().file().toFile());
        byte[] layer = Files.readAllBytes(packed.layers().getLast().file());
        byte[] tar = new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes();
        assertThat(config.path("architecture").asString("")).isEqualTo("arm64");
        assertThat(config.path("rootfs").path("diff_ids").valueStream().map(id -> id.asString("")))
                .containsExactly("sha256:" + blobId, "sha256:" + sha256(tar));
    }

    @Test
    void sameImageGivesTheSameBytesWhoeverPacks() throws IOException {
        String user = System.getProperty("user.name");
        Path first = Files.createDirectory(work.resolve("first"));
        Path second = Files.createDirectory(work.resolve("second"));
        PackedImage one = ImagePacker.pack(rafs, ARM, first);
        System.setProperty("user.name", "somebody-else");
        try {
            assertThat(ImagePacker.pack(rafs, ARM, second).manifest().descriptor())
                    .isEqualTo(one.manifest().descriptor());
        } finally {
            System.setProperty("user.name", user);
        }
    }

    @Test
    void indexOffersTheImageForItsPlatformBeforeAnOrdinaryOne() throws IOException {
        PackedImage packed = ImagePacker.pack(rafs, ARM, work);
        Descriptor ordinary = new Descriptor(MediaTypes.MANIFEST, "sha256:" + "0".repeat(64), 7, Map.of(), ARM, "");

        PackedImage.Content index = ImagePacker.index(List.of(ordinary), List.of(packed), work);

        Manifest.Index read = (Manifest.Index) Manifest.parse(Files.readAllBytes(index.file()));
        assertThat(read.manifests()).hasSize(2).first().isEqualTo(ordinary);
        Descriptor chosen = Objects.requireNonNull(read.choose(ARM));
        assertThat(chosen.digest()).isEqualTo(packed.manifest().descriptor().digest());
        assertThat(read.choose(new Platform("linux", "s390x"))).isNull();
    }

    @Test
    void blobWhoseIdIsNoDigestIsRefused() {
        BuiltRafs other = new BuiltRafs(
                rafs.bootstrap(),
                List.of(new BuiltRafs.Blob("my-blob", work.resolve("blob"), work.resolve("table"))),
                "6");

        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> ImagePacker.pack(other, ARM, work))
                .withMessageContaining("my-blob");
    }

    private static String sha256(byte[] bytes) {
        return DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(bytes)).toString();
    }
}
