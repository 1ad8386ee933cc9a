package io.rafsd.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.testing.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart: what it renders is what was agreed on, and wrong values are refused with a sentence. */
class HelmChartIT {

    private static final String CHART = "helm/rafsd";
    private static final Path GOLDEN = Path.of("src/test/resources/helm");
    private static final String IMAGE = "--set=mount.image=registry.example.com/team/model:1";

    @BeforeEach
    void requireHelm() {
        assumeTrue(Images.onPath("helm"), "helm is not on the path");
    }

    private static Child template(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("helm", "template", "model", CHART));
        command.addAll(List.of(options));
        return Child.run(command.toArray(String[]::new));
    }

    @Test
    void lintFindsNothing() throws Exception {
        assertThat(Child.run("helm", "lint", "--strict", CHART).text())
                .contains("1 chart(s) linted, 0 chart(s) failed");
    }

    /** Rewrite a golden file with the command that this test runs, and read the difference. */
    @ParameterizedTest
    @ValueSource(strings = {"default", "all"})
    void theChartRendersAsItsGoldenFileSays(String name) throws Exception {
        Path values = GOLDEN.resolve(name + ".values.yaml");
        assertThat(template("--values=" + values).text())
                .isEqualTo(Files.readString(GOLDEN.resolve(name + ".golden.yaml")));
    }

    @Test
    void withoutAnImageItSaysWhatToSet() throws Exception {
        Child refused = template();
        assertThat(refused.status()).isNotZero();
        assertThat(refused.errors()).contains("mount.image is empty: set it to the reference of a RAFS image");
    }

    @ParameterizedTest
    @CsvSource({
        "mount.image=no-host,        /mount/image",
        "mount.mode=magic,           /mount/mode",
        "mount.path=relative,        /mount/path",
        "mount.name=a/b,             /mount/name",
        "port=70000,                 /port",
        "port=http,                  /port",
        "threads=0,                  /threads",
        "transport=nfs,              /transport",
        "readTimeout=soon,           /readTimeout",
        "cache.sizeLimit=much,       /cache/sizeLimit",
        "image.pullPolicy=Sometimes, /image/pullPolicy",
        "metrics.scrape=perhaps,     /metrics/scrape",
        "env.NOT-A-NAME=1,           /env",
        "mont.image=a/b,             mont",
    })
    void aWrongValueIsRefusedByName(String wrong, String named) throws Exception {
        Child refused = template(IMAGE, "--set=" + wrong);
        assertThat(refused.status()).as(refused.errors()).isNotZero();
        assertThat(refused.errors()).contains("values don't meet the specifications of the schema", named);
    }

    @Test
    void theNotesSayWhereTheFilesAreAndHowToSeeWhatIsWrong() throws Exception {
        String notes = Child.run("helm", "install", "model", CHART, IMAGE, "--dry-run=client")
                .text();
        assertThat(notes)
                .contains("registry.example.com/team/model:1\nis at /mnt/rafsd/image", "-c rafsd", "privileged");
    }
}
