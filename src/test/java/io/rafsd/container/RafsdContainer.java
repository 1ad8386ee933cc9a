package io.rafsd.container;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PropagationMode;
import com.github.dockerjava.api.model.SELContext;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** rafsd as the README runs it: the FUSE device, one capability, one shared directory, nothing else writable. */
final class RafsdContainer extends GenericContainer<RafsdContainer> {

    private static final int PORT = 9400;
    private static final int PATIENCE_SECONDS = 30;
    private static final String MOUNTS_AT = "/mnt/rafsd";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** @param device what the container gets as {@code /dev/fuse} */
    RafsdContainer(SharedDirectory shared, Path device, String user, String image) {
        super(DockerImageName.parse(Images.RAFSD));
        withExposedPorts(PORT);
        withEnv("RAFSD_IMAGE", image);
        withEnv("RAFSD_PLAIN_HTTP", "true");
        withCreateContainerCmdModifier(command -> {
            HostConfig host = command.getHostConfig() == null ? HostConfig.newHostConfig() : command.getHostConfig();
            command.withUser(user)
                    .withHostConfig(host.withReadonlyRootfs(true)
                            .withCapDrop(Capability.ALL)
                            .withCapAdd(Capability.SYS_ADMIN)
                            .withDevices(new Device("rwm", "/dev/fuse", device.toString()))
                            .withBinds(new Bind(
                                    shared.path().toString(),
                                    new Volume(MOUNTS_AT),
                                    AccessMode.rw,
                                    SELContext.none,
                                    null,
                                    PropagationMode.RSHARED)));
        });
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + getHost() + ":" + getMappedPort(PORT) + path);
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Whether docker's own check finds it healthy. */
    String health() {
        return getCurrentContainerInfo().getState().getHealth().getStatus();
    }

    /** As {@code docker stop} does; returns the exit code. */
    long terminate() {
        getDockerClient()
                .stopContainerCmd(getContainerId())
                .withTimeout(PATIENCE_SECONDS)
                .exec();
        Long code = getCurrentContainerInfo().getState().getExitCodeLong();
        return code == null ? -1 : code;
    }

    void kill() {
        getDockerClient().killContainerCmd(getContainerId()).exec();
    }
}
