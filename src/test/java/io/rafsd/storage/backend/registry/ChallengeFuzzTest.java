package io.rafsd.storage.backend.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever a server writes into its header or its error, reading it ends and gives bounded text. */
class ChallengeFuzzTest {

    @FuzzTest
    void anyHeaderIsReadToItsEnd(byte[] bytes) {
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        for (Challenge challenge : Challenge.parse(List.of(header))) {
            assertThat(challenge.scheme()).isNotEmpty();
            assertThat(challenge.parameter("realm").length()).isLessThanOrEqualTo(header.length());
        }
    }

    @FuzzTest
    void anyErrorBodyGivesOneShortLine(byte[] body) {
        String text = RegistryError.text(body);
        assertThat(text).hasSizeLessThanOrEqualTo(202).doesNotContain("\n", "\r");
    }
}
