package io.rafsd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.InvalidRequest;
import java.nio.charset.StandardCharsets;

/** Any bytes at all give a manifest or {@link InvalidImage}, any text a reference or {@link InvalidRequest}. */
class ManifestFuzzTest {

    @FuzzTest
    void anyBytesAreAManifestOrAreRefused(byte[] json) {
        try {
            if (Manifest.parse(json) instanceof Manifest.Image image) {
                assertThat(Manifest.parse(image.toJson())).isInstanceOf(Manifest.Image.class);
            }
        } catch (InvalidImage e) {
            assertThat(e).hasMessageContaining("manifest");
        }
    }

    @FuzzTest
    void anyTextIsAReferenceOrIsRefused(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            assertThat(ImageReference.parse(ImageReference.parse(text).toString()))
                    .isEqualTo(ImageReference.parse(text));
        } catch (InvalidRequest e) {
            assertThat(e).hasMessageContaining("no image reference");
        }
    }
}
