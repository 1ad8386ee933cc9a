package io.rafsd.storage.backend.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.BackendFailure;
import java.time.Duration;

/** Whatever a token service answers: a token that may stand in a header and ends some day, or a failure without its text. */
class TokenAnswerFuzzTest {

    @FuzzTest
    void anyAnswerIsATokenOrIsRefused(byte[] answer) {
        try {
            TokenService.Token token = TokenService.parse(answer, "registry.example.com");
            assertThat(token.value()).matches("[!-~]+");
            assertThat(token.life()).isBetween(Duration.ZERO, Duration.ofDays(365));
        } catch (BackendFailure e) {
            assertThat(e).hasMessage("the token service of registry registry.example.com sent no token");
        }
    }
}
