package io.rafsd.storage.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerConfigTest {

    /** ann:se:cret */
    private static final String ANN = "YW5uOnNlOmNyZXQ=";

    @TempDir
    private Path directory;

    private CredentialSource config(String auths) throws Exception {
        Path file = Files.writeString(directory.resolve("config.json"), "{\"auths\":{" + auths + "}}");
        return new DockerConfig(file);
    }

    @Test
    void hostIsFoundHoweverItIsWritten() throws Exception {
        for (String key : new String[] {
            "r.example:5000", "https://r.example:5000", "http://r.example:5000/v2/", "https://R.example:5000/v1/"
        }) {
            assertThat(config("\"" + key + "\":{\"auth\":\"" + ANN + "\"}").find("r.example:5000"))
                    .as(key)
                    .isEqualTo(new Credential("ann", "se:cret"));
        }
    }

    @Test
    void otherHostsGetNothing() throws Exception {
        CredentialSource config = config("\"r.example\":{\"auth\":\"" + ANN + "\"}");
        for (String host : new String[] {"r.example:5000", "example", "evil.r.example", "r.example.evil", ""}) {
            assertThat(config.find(host)).as(host).isNull();
        }
    }

    @Test
    void dockerHubHasThreeNames() throws Exception {
        CredentialSource config = config("\"https://index.docker.io/v1/\":{\"auth\":\"" + ANN + "\"}");
        for (String host : new String[] {"docker.io", "index.docker.io", "registry-1.docker.io"}) {
            assertThat(config.find(host)).as(host).isNotNull();
        }
    }

    @Test
    void userAndPasswordAndIdentityTokenAreRead() throws Exception {
        assertThat(config("\"h\":{\"username\":\"ann\",\"password\":\"p\"}").find("h"))
                .isEqualTo(new Credential("ann", "p"));
        Credential token = config("\"h\":{\"auth\":\"" + ANN + "\",\"identitytoken\":\"it\"}")
                .find("h");
        assertThat(token).isEqualTo(Credential.ofIdentityToken("it"));
        assertThat(token).asString().doesNotContain("it,").contains("***");
    }

    @Test
    void whatCannotBeReadIsNoCredential() throws Exception {
        assertThat(new DockerConfig(directory.resolve("absent")).find("h")).isNull();
        assertThat(config("\"h\":{\"auth\":\"%%%\"}").find("h")).isNull();
        assertThat(config("\"h\":{\"auth\":\"bm9jb2xvbg==\"}").find("h")).isNull();
        assertThat(config("\"h\":{}").find("h")).isNull();
        assertThat(config("\"h\":").find("h")).isNull();
    }

    @Test
    void changedFileCountsAtOnce() throws Exception {
        CredentialSource config = config("");
        assertThat(config.find("h")).isNull();
        config("\"h\":{\"auth\":\"" + ANN + "\"}");
        assertThat(config.find("h")).isNotNull();
    }

    @Test
    void textShowsNoSecret() {
        assertThat(new Credential("ann", "secret").toString()).contains("ann").doesNotContain("secret");
    }
}
