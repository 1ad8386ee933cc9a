package io.rafsd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidRequest;
import org.junit.jupiter.api.Test;

class ImageReferenceTest {

    private static final String DIGEST = "sha256:" + "a1".repeat(32);

    @Test
    void partsAreToldApart() throws Exception {
        assertThat(ImageReference.parse("r.example:5000/team/app:v1@" + DIGEST))
                .isEqualTo(new ImageReference("r.example:5000", "team/app", "v1", DIGEST))
                .hasToString("r.example:5000/team/app:v1@" + DIGEST)
                .extracting(ImageReference::manifestName)
                .isEqualTo(DIGEST);
        assertThat(ImageReference.parse("[::1]:5000/app"))
                .isEqualTo(new ImageReference("[::1]:5000", "app", "latest", null));
        assertThat(ImageReference.parse("localhost/a-b/c__d@" + DIGEST))
                .isEqualTo(new ImageReference("localhost", "a-b/c__d", null, DIGEST));
    }

    @Test
    void whatIsNoReferenceIsRefusedWithTheForm() {
        for (String text : new String[] {
            "",
            "app",
            "r/UPPER",
            "r/app:",
            "r/app@sha256:12",
            "r/../etc",
            "r/app:v1/x",
            "r:123456/app",
            "r/" + "a/".repeat(100_000) + "a",
            "user:secret@r/app"
        }) {
            assertThatExceptionOfType(InvalidRequest.class)
                    .as(text.substring(0, Math.min(50, text.length())))
                    .isThrownBy(() -> ImageReference.parse(text))
                    .withMessageContaining("REGISTRY/REPOSITORY")
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1500));
        }
    }
}
