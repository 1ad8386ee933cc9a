package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The distribution under the name {@code nydusd}, mounting images by the reference builder, seen from outside by a program
 * that knows nothing of our code.
 */
class GoldenImagesIT {

    private static final Path SHARED = Path.of(System.getProperty("rafsd.shared", "../shared"));

    private static String check(String... more) throws IOException, InterruptedException {
        Path program = SHARED.resolve("accept/goldenmount.py");
        assumeTrue(Files.exists(program), "the images of other builders are not beside the checkout");
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting for all needs root");
        List<String> command = new ArrayList<>(List.of("python3", program.toString()));
        List<String> options = List.of(more);
        int extra = options.indexOf("--");
        command.addAll(extra < 0 ? options : options.subList(0, extra));
        command.add(Path.of(System.getProperty("rafsd.distribution", "target/rafsd"), "bin", "nydusd")
                .toAbsolutePath()
                .toString());
        command.add(SHARED.resolve("fixtures/golden").toString());
        if (extra >= 0) {
            command.addAll(options.subList(extra + 1, options.size()));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void everyEntryAndByteIsTheReferencesOwn(String transport) throws Exception {
        assertThat(check("--", "--transport", transport)).contains("13 of 13 golden images read right");
    }

    @Test
    void cacheThatNydusdLeftIsGoneOnFrom() throws Exception {
        assertThat(check("--cache")).contains("3 of 3 golden images read right");
    }

    @Test
    void wrongByteInTheCacheIsNeverServed() throws Exception {
        assertThat(check("--poison")).contains("3 of 3 golden images read right");
    }
}
