package io.rafsd.app.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatedLogsTest {

    private static final int LINES = 1000;

    @TempDir
    private Path directory = Path.of("");

    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void prepare() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    /** Puts its file aside at a kilobyte. */
    private RollingFileAppender<ILoggingEvent> appender() {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(directory.resolve("n_rCURRENT.log").toString());
        RotatedLogs policy = new RotatedLogs();
        policy.setContext(context);
        policy.setParent(appender);
        policy.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(1024));
        size.setCheckIncrement(Duration.buildByMilliseconds(0));
        size.start();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg%n");
        encoder.start();
        appender.setRollingPolicy(policy);
        appender.setTriggeringPolicy(size);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private void write() {
        ch.qos.logback.classic.Logger logger = context.getLogger("test");
        logger.addAppender(appender());
        IntStream.range(0, LINES).forEach(i -> logger.info("line number {}", i));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void newestTenAreKeptCompressedAndNoLineBetweenThemIsLost() throws IOException {
        write();
        await().untilAsserted(() -> assertThat(files())
                .hasSize(RotatedLogs.KEPT + 1)
                .filteredOn(file -> file.toString().endsWith(".gz"))
                .hasSize(RotatedLogs.KEPT));
        StringBuilder kept = new StringBuilder();
        List<Path> files = files();
        // What is written now sorts last: a digit comes before a letter.
        for (Path file : files) {
            kept.append(text(file));
        }
        assertThat(files.getLast()).hasFileName("n_rCURRENT.log");
        List<String> lines = kept.toString().lines().toList();
        String expected = IntStream.range(LINES - lines.size(), LINES)
                .mapToObj(i -> "line number " + i)
                .collect(Collectors.joining("\n"));
        assertThat(String.join("\n", lines)).isEqualTo(expected);
        assertThat(lines).hasSizeGreaterThan(500);
    }

    @Test
    void filesOfOthersAreLeftAlone() throws IOException {
        List<String> others = List.of("n.log", "n_rest.log", "other_r2026-01-01_00-00-00.log");
        for (String other : others) {
            Files.writeString(directory.resolve(other), other);
        }
        write();
        await().untilAsserted(() -> assertThat(files()).hasSize(RotatedLogs.KEPT + 1 + others.size()));
        for (String other : others) {
            assertThat(directory.resolve(other)).hasContent(other);
        }
    }
}
