package io.rafsd.control;

import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonState;
import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.MountManager;
import io.rafsd.stats.FailureLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /daemon}: who the daemon is, what failed, and its start and end. */
final class DaemonApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> LEVELS = List.of("off", "error", "warn", "info", "debug", "trace");
    private static final String CONFIGURE = "Configure(DaemonAbnormal(%s))";
    private static final String UPGRADE = "Upgrade(DaemonAbnormal(%s))";

    private final @Nullable String id;
    private final @Nullable Path supervisor;
    private final Attached attached;
    private final Consumer<String> logLevel;

    DaemonApi(@Nullable String id, @Nullable Path supervisor, Attached attached, Consumer<String> logLevel) {
        this.id = id;
        this.supervisor = supervisor;
        this.attached = attached;
        this.logLevel = logLevel;
    }

    /** @param mounts null where they are not told */
    Answer info(@Nullable JsonNode mounts) {
        ObjectNode info = JSON.createObjectNode();
        Version version = Version.current();
        info.putObject("version")
                .put("package_ver", "v" + version.version())
                .put("git_commit", version.commit())
                .put("build_time", version.buildTime())
                .put("profile", "release")
                .put("rustc", "none");
        info.put("id", id);
        info.put("supervisor", supervisor == null ? null : supervisor.toString());
        DaemonController known = attached.now();
        info.put("state", (known == null ? DaemonState.INIT : known.state()).name());
        info.set("backend_collection", mounts == null ? JSON.nullNode() : mounts);
        return Answer.ok(info);
    }

    Answer events() {
        MountManager mounts = attached.mountsNow();
        FailureLog failures = mounts == null ? new FailureLog() : mounts.failures();
        List<String> entries = failures.entries();
        ObjectNode events = JSON.createObjectNode();
        events.put("max_errors", FailureLog.MAX_ENTRIES)
                .put("total_errors", entries.size())
                .put("max_size", FailureLog.MAX_BYTES)
                .put("total_size", failures.bytes());
        ArrayNode errors = events.putArray("errors");
        entries.forEach(errors::add);
        return Answer.ok(events);
    }

    Answer setLogLevel(byte[] body) {
        Bodies.Read read = Bodies.read(body);
        if (read.refusal() != null) {
            return read.refusal();
        }
        String level = read.body().path("log_level").asString("").toLowerCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            return ControlErrors.of(
                    CONFIGURE, new InvalidRequest("log level '" + level + "' is none of " + String.join(", ", LEVELS)));
        }
        logLevel.accept(level);
        return Answer.noContent();
    }

    /** Gives state and descriptor to the supervisor. */
    Answer save() {
        try {
            attached.ready().save();
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(UPGRADE, e);
        }
    }

    /** Takes them from there. */
    Answer takeOver() {
        try {
            attached.ready().takeOver();
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(UPGRADE, e);
        }
    }

    Answer start() {
        try {
            attached.ready().start();
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(CONFIGURE, e);
        }
    }

    /** The state changes now; the process may end only when the answer is out. */
    Answer exit() {
        try {
            DaemonController known = attached.ready();
            known.leave();
            return new Answer(204, null, known::deactivate);
        } catch (IOException e) {
            return ControlErrors.of(CONFIGURE, e);
        }
    }
}
