package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What real nydusd answered to a list of requests, and what the distribution under its name answers to them. */
class RecordedAnswersIT {

    private static final Path SHARED = Path.of(System.getProperty("rafsd.shared", "../shared"));

    @Test
    void everyRecordedRequestIsAnsweredAsNydusdDidOrBetter() throws Exception {
        Path program = SHARED.resolve("accept/apireplay.py");
        assumeTrue(Files.exists(program), "the answers of nydusd are not beside the checkout");
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting for all needs root");
        Path daemon = Path.of(System.getProperty("rafsd.distribution", "target/rafsd"), "bin", "nydusd");
        Process process = new ProcessBuilder(
                        "python3",
                        program.toString(),
                        daemon.toAbsolutePath().toString(),
                        SHARED.resolve("fixtures/api/nydusd-2.4.4.jsonl").toString(),
                        SHARED.resolve("fixtures/golden/v6-lz4-sha256-64k").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("49 of 49 recorded answers matched");
    }
}
