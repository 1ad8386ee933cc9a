package io.rafsd.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.storage.backend.BackendConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SavedConfigTest {

    @Test
    void anImageThatWasMountedByItsReferenceIsReadFromTheSameRepository() throws Exception {
        BackendConfig.Registry asked =
                new BackendConfig.Registry("", "", "", "dTpw", null, true, BackendConfig.HttpSettings.DEFAULT);
        ImageSettings settings = ImageSettings.defaults(Path.of("/cache")).with(Prefetch.EVERYTHING);
        String saved =
                SavedConfig.write(new MountSpec.ByReference("127.0.0.1:5000/library/one:tag", asked, settings), 3);
        NydusConfig read = NydusConfig.parse(saved, null);
        assertThat(read.backend()).isEqualTo(asked.at("127.0.0.1:5000", "library/one"));
        assertThat(read.settings()).isEqualTo(settings);
        assertThat(SavedConfig.generation(saved)).isEqualTo(3);
    }

    @Test
    void aConfigurationSaysAfterwardsWhatItSaidBefore() throws Exception {
        NydusConfig config = NydusConfig.ofDirectory(Path.of("/blobs"), true);
        String saved = SavedConfig.write(config.mount(Path.of("/boot"), List.of("/etc")), 0);
        NydusConfig read = NydusConfig.parse(saved, null);
        assertThat(read.backend()).isEqualTo(config.backend());
        assertThat(read.settings()).isEqualTo(config.settings());
        assertThat(SavedConfig.generation(saved)).isZero();
        assertThat(SavedConfig.generation("{\"a\":1}")).isZero();
    }
}
