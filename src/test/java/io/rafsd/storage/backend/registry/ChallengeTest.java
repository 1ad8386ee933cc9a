package io.rafsd.storage.backend.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    @Test
    void severalChallengesOfSeveralHeadersAreToldApart() {
        assertThat(Challenge.parse(List.of(
                        "Negotiate, bearer Realm=\"https://t/token?a=b,c\" , service = reg,scope=\"x:pull,push\"",
                        "BASIC realm=\"say \\\"hi\\\"\"")))
                .containsExactly(
                        new Challenge("negotiate", Map.of()),
                        new Challenge(
                                "bearer",
                                Map.of("realm", "https://t/token?a=b,c", "service", "reg", "scope", "x:pull,push")),
                        new Challenge("basic", Map.of("realm", "say \"hi\"")));
    }

    @Test
    void brokenHeadersGiveWhatCanBeRead() {
        assertThat(Challenge.parse(List.of(""))).isEmpty();
        assertThat(Challenge.parse(List.of("Basic realm=\"open")))
                .containsExactly(new Challenge("basic", Map.of("realm", "open")));
        assertThat(Challenge.parse(List.of("Bearer realm=")))
                .containsExactly(new Challenge("bearer", Map.of("realm", "")));
    }
}
