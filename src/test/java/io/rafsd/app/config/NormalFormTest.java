package io.rafsd.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NormalFormTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static JsonNode normal(String text) throws IOException {
        return NormalForm.of(NydusConfig.parse(text, null).mount(Path.of("/boot"), List.of()));
    }

    @Test
    void olderConfigurationIsToldAsOneOfVersionTwoWithAllKeysAsNydusdDoes() throws IOException {
        JsonNode told = normal("""
                {"device":{"id":"/12","backend":{"type":"localfs","config":{"dir":"/blobs"}},
                "cache":{"type":"blobcache","config":{"work_dir":"/cache"}}},
                "mode":"direct","digest_validate":false,"enable_xattr":true,"fs_prefetch":{"enable":false}}""");
        assertThat(JSON.readTree(told.toString())).isEqualTo(JSON.readTree("""
                        {"version":2,"id":"/12","backend":{"type":"localfs","localdisk":null,
                        "localfs":{"blob_file":"","dir":"/blobs","alt_dirs":[]},
                        "oss":null,"s3":null,"registry":null,"http-proxy":null},"external_backends":[],
                        "cache":{"type":"blobcache","compressed":false,"validate":false,
                        "prefetch":{"enable":false,"threads":0,"batch_size":0,"bandwidth_limit":0,"prefetch_all":true,
                        "stream_prefetch":false},
                        "filecache":{"work_dir":"/cache","disable_indexed_map":false,"enable_encryption":false,
                        "enable_convergent_encryption":false,"encryption_key":""},"fscache":null},
                        "rafs":{"mode":"direct","batch_size":1048576,"validate":false,"enable_xattr":true,
                        "iostats_files":false,"access_pattern":false,"latest_read_files":false,
                        "prefetch":{"enable":false,"threads":8,"batch_size":1048576,"bandwidth_limit":0,
                        "prefetch_all":true,"stream_prefetch":false}},"overlay":null}"""));
    }

    @Test
    void whatIsSecretIsNotTold() throws IOException {
        String told = normal("""
                        {"version":2,"id":"one","backend":{"type":"registry","registry":{"scheme":"http","host":"h:5000",
                        "repo":"a/b","auth":"c2VjcmV0","registry_token":"c2VjcmV0","proxy":{"url":"http://u:c2VjcmV0@p"},
                        "timeout":7}},
                        "cache":{"type":"blobcache","filecache":{"work_dir":"/cache","encryption_key":"c2VjcmV0"}}}""").toString();
        assertThat(told)
                .doesNotContain("c2VjcmV0")
                .contains("\"host\":\"h:5000\"", "\"repo\":\"a/b\"", "\"timeout\":7", "\"id\":\"one\"");
    }

    @Test
    void imageByReferenceIsToldWithItsReference() {
        BackendConfig.Registry registry = new BackendConfig.Registry(
                "https", "host", "repo", "c2VjcmV0", null, false, BackendConfig.HttpSettings.DEFAULT);
        JsonNode told = NormalForm.of(
                new MountSpec.ByReference("host/repo:tag", registry, ImageSettings.defaults(Path.of("/cache"))));
        assertThat(told.path("image").asString()).isEqualTo("host/repo:tag");
        assertThat(told.path("backend").path("registry").path("host").asString())
                .isEqualTo("host");
        assertThat(told.toString()).doesNotContain("c2VjcmV0");
    }
}
