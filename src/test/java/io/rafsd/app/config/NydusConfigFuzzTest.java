package io.rafsd.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import java.nio.charset.StandardCharsets;

/** Any text at all is a configuration, or is refused in words that say why. */
class NydusConfigFuzzTest {

    @FuzzTest
    void anyTextIsAConfigurationOrIsRefused(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            NydusConfig config = NydusConfig.parse(text, null);
            assertThat(config.settings().amplifyBytes()).isNotNegative();
            assertThat(config.settings().readTimeout()).isPositive();
        } catch (InvalidRequest | Unsupported e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
