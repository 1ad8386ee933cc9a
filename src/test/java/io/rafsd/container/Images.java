package io.rafsd.container;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.testing.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** The images of these tests, made of this machine's files as the README tells: nothing is pulled. */
final class Images {

    static final String RAFSD = "rafsd:it";

    private static final Path REGISTRY = Path.of("/usr/bin/docker-registry");
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static boolean made;

    private Images() {}

    /** Skips where no engine can run containers. */
    static void requireEngine() {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "no container engine answers; install docker.io and start dockerd");
        assumeTrue(onPath("docker"), "there is no docker command to build the image with");
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue("root".equals(System.getProperty("user.name")), "a shared mount needs root");
        assumeTrue(
                Files.exists(Path.of("target/rafsd/lib/rafsd.jar")),
                "there is no distribution in target/rafsd; make it with ./mvnw package");
    }

    static boolean onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Builds the image once; what did not change is taken from the engine. */
    static synchronized void makeRafsd() throws IOException, InterruptedException {
        if (!made) {
            Child.run("src/docker/local-base").text();
            Child.run(
                            PATIENCE,
                            "docker",
                            "build",
                            "--build-arg=BASE_IMAGE=rafsd-base:local",
                            "--build-arg=JDK_IMAGE=rafsd-jdk:local",
                            "--tag=" + RAFSD,
                            ".")
                    .text();
            made = true;
        }
    }

    /** A real registry (Docker's); where its program is not installed, the test is skipped. */
    static ImageFromDockerfile registry() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(REGISTRY), REGISTRY + " is not installed (package docker-registry)");
        ImageFromDockerfile image = new ImageFromDockerfile("rafsd-registry:it", false)
                .withFileFromPath("root" + REGISTRY, REGISTRY)
                .withFileFromString("root/etc/registry.yml", """
                        version: 0.1
                        log: {level: error}
                        storage:
                          filesystem: {rootdirectory: /var/lib/registry}
                        http: {addr: ":5000"}
                        """)
                .withFileFromString("Dockerfile", """
                        FROM scratch
                        COPY root/ /
                        ENTRYPOINT ["/usr/bin/docker-registry", "serve", "/etc/registry.yml"]
                        """);
        Matcher library = LIBRARY.matcher(Child.run("ldd", REGISTRY.toString()).text());
        while (library.find()) {
            Path file = Path.of(library.group(1));
            if (Files.exists(file)) {
                image.withFileFromPath("root" + file, file.toRealPath());
            }
        }
        return image;
    }
}
