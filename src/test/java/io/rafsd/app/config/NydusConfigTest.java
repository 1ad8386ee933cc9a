package io.rafsd.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NydusConfigTest {

    private static final String FIRST = """
            {"device":{"backend":{"type":"registry","config":{"scheme":"http","host":"h:5000","repo":"a/b","auth":"dTpw",
            "timeout":7,"connect_timeout":3}},"cache":{"type":"blobcache","config":{"work_dir":"/cache"}}},
            "mode":"direct","digest_validate":false,"fs_prefetch":{"enable":true,"prefetch_all":true},"unknown":1}""";
    private static final String SECOND = """
            {"version":2,"backend":{"type":"localfs","localfs":{"dir":"/blobs","alt_dirs":["/more"]}},
            "cache":{"type":"filecache","filecache":{"work_dir":"/cache"}},"rafs":{"mode":"direct"}}""";
    private static final String TOML = """
            version = 2
            [backend]
            type = "localfs"
            [backend.localfs]
            dir = "/blobs"
            [cache]
            type = "filecache"
            [cache.filecache]
            work_dir = "/cache"
            """;

    @Test
    void olderJsonIsRead() throws IOException {
        NydusConfig config = NydusConfig.parse(FIRST, null);
        assertThat(config.backend()).isInstanceOfSatisfying(BackendConfig.Registry.class, registry -> {
            assertThat(registry.host()).isEqualTo("h:5000");
            assertThat(registry.repository()).isEqualTo("a/b");
            assertThat(registry.scheme()).isEqualTo("http");
            assertThat(registry.auth()).isEqualTo("dTpw");
            assertThat(registry.http().timeout()).isEqualTo(Duration.ofSeconds(7));
        });
        assertThat(config.settings().cacheDirectory()).isEqualTo(Path.of("/cache"));
        assertThat(config.settings().prefetch()).isEqualTo(Prefetch.EVERYTHING);
    }

    @Test
    void jsonAndTomlOfVersionTwoSayTheSame() throws IOException {
        NydusConfig json = NydusConfig.parse(SECOND, null);
        NydusConfig toml = NydusConfig.parse(TOML, null);
        assertThat(json.settings()).isEqualTo(toml.settings());
        assertThat(toml.backend())
                .isInstanceOfSatisfying(
                        BackendConfig.LocalFs.class,
                        local -> assertThat(local.directory()).isEqualTo(Path.of("/blobs")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'enable':true,'prefetch_all':true}|EVERYTHING",
                "{'enable':true}|EVERYTHING",
                "{'enable':true,'prefetch_all':false}|LISTED",
                "{'enable':false,'prefetch_all':true}|NOTHING",
                "{}|NOTHING"
            },
            quoteCharacter = '`')
    void olderFormFetchesEverythingWhereItIsSilent(String wish, Prefetch expected) throws IOException {
        String text = FIRST.replace("{\"enable\":true,\"prefetch_all\":true}", wish.replace('\'', '"'));
        assertThat(NydusConfig.parse(text, null).settings().prefetch()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'enable':true,'prefetch_all':true}|{'enable':true}|EVERYTHING",
                "{'enable':true}|{'enable':true}|LISTED",
                "{'enable':true}|{'enable':false}|NOTHING",
                "{'enable':false}|{'enable':true}|NOTHING"
            },
            quoteCharacter = '`')
    void secondFormFetchesWhereFilesystemAndCacheBothSaySo(String wish, String workers, Prefetch expected)
            throws IOException {
        String text = SECOND.replace("\"rafs\":{", "\"rafs\":{\"prefetch\":" + wish.replace('\'', '"') + ",")
                .replace("\"cache\":{", "\"cache\":{\"prefetch\":" + workers.replace('\'', '"') + ",");
        assertThat(NydusConfig.parse(text, null).settings().prefetch()).isEqualTo(expected);
    }

    @Test
    void credentialOfTheEnvironmentWins() throws IOException {
        assertThat(NydusConfig.parse(FIRST, "eDp5").backend())
                .isInstanceOfSatisfying(
                        BackendConfig.Registry.class, r -> assertThat(r.auth()).isEqualTo("eDp5"));
    }

    @Test
    void secretsAreInNoText() throws IOException {
        assertThat(NydusConfig.parse(FIRST, null).toString()).doesNotContain("dTpw");
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> NydusConfig.parse(FIRST.replace("\"a/b\"", "\"a/b\" dTpw"), null))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("dTpw"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"oss", "s3", "http-proxy", "localdisk"})
    void backendOfALaterVersionIsRefusedByName(String type) {
        assertThatExceptionOfType(Unsupported.class)
                .isThrownBy(() -> NydusConfig.parse(SECOND.replace("localfs", type), null))
                .withMessageContaining(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "nonsense",
                "{\"device\":{}}",
                "version = 1",
                "{\"version\":2,\"backend\":{\"type\":\"disk\"}}"
            })
    void whatIsNoConfigurationIsSaidSo(String text) {
        assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> NydusConfig.parse(text, null));
    }

    @Test
    void numberOutOfRangeIsRefused() {
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> NydusConfig.parse(FIRST.replace("\"timeout\":7", "\"timeout\":-1"), null))
                .withMessageContaining("timeout");
    }
}
