package io.rafsd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidImage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestTest {

    private static final String D = "sha256:" + "0".repeat(63);
    private static final Platform MACHINE = new Platform("linux", "amd64");

    private static Manifest parse(String json) throws InvalidImage {
        return Manifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String entry(int number, String architecture, String more) {
        return "{\"mediaType\":\"m\",\"digest\":\"" + D + number + "\",\"size\":" + number
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"" + more + "}";
    }

    private static Manifest.Index index(String... entries) throws InvalidImage {
        return (Manifest.Index) parse("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
    }

    @Test
    void imageThatIsWrittenIsReadTheSame() throws Exception {
        Manifest.Image image = new Manifest.Image(
                Descriptor.of(MediaTypes.CONFIG, D + 1, 2, Map.of()),
                List.of(
                        Descriptor.of(MediaTypes.NYDUS_BLOB, D + 2, 5_000_000_000L, Map.of("b", "2", "a", "1")),
                        Descriptor.of(
                                MediaTypes.LAYER_TAR_GZIP, D + 3, 7, Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true"))));
        assertThat(Manifest.parse(image.toJson())).isEqualTo(image);
        assertThat(image.toJson()).isEqualTo(image.toJson());
    }

    @Test
    void indexGivesTheRafsImageOfTheMachine() throws Exception {
        String ordinary = entry(1, "amd64", "}");
        String other = entry(2, "arm64", "},\"artifactType\":\"" + MediaTypes.NYDUS_ARTIFACT + "\"");
        String artifact = entry(3, "amd64", "},\"artifactType\":\"" + MediaTypes.NYDUS_ARTIFACT + "\"");
        String old = entry(4, "amd64", ",\"os.features\":[\"x\",\"nydus.remoteimage.v1\"]}");
        assertThat(index(ordinary, other, artifact).choose(MACHINE))
                .extracting(Descriptor::size)
                .isEqualTo(3L);
        assertThat(index(ordinary, old).choose(MACHINE))
                .extracting(Descriptor::size)
                .isEqualTo(4L);
        assertThat(index(other, ordinary).choose(MACHINE))
                .extracting(Descriptor::size)
                .isEqualTo(1L);
        assertThat(index(other).choose(MACHINE)).isNull();
    }

    @Test
    void documentsThatAreNoManifestAreRefused() {
        for (String json : new String[] {
            "",
            "[]",
            "null",
            "{",
            "{}",
            "{\"layers\":[]}",
            "{\"config\":{},\"layers\":[]}",
            "{\"manifests\":[{}]}",
            "{\"manifests\":[{\"digest\":\"" + D + "1\",\"size\":-1}]}",
            "{\"manifests\":[{\"digest\":\"sha256:../../etc\",\"size\":1}]}",
            "{\"manifests\":[{\"digest\":\"" + D + "1\",\"size\":1e30}]}",
            "[".repeat(100_000)
        }) {
            assertThatExceptionOfType(InvalidImage.class)
                    .as(json.substring(0, Math.min(80, json.length())))
                    .isThrownBy(() -> parse(json));
        }
    }

    @Test
    void hugeDocumentIsRefusedUnread() {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> Manifest.parse(new byte[Manifest.MAX_SIZE + 1]))
                .withMessageContaining("more than");
    }
}
