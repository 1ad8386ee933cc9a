package io.rafsd.app.demo;

import io.rafsd.app.demo.DaemonStarter.RunningDaemon;
import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.demo.registry.Access;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.error.NotFound;
import io.rafsd.image.pack.BuiltRafs;
import io.rafsd.image.pack.ImagePacker;
import io.rafsd.image.pack.PackedImage;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.oci.Platform;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Shows rafsd's main job on real data: builds an image from the JDK that runs it, serves it from a registry on loopback,
 * mounts it lazily by its reference, reads a few files and compares them with the originals. Stays up until it is
 * interrupted; then nothing is left behind.
 */
public final class Demo {

    private static final String REPOSITORY = "demo/jdk";
    private static final String TAG = "latest";
    private static final int ANY_PORT = 0;
    private static final List<String> SHOWN_FILES =
            List.of("release", "lib/jvm.cfg", "bin/java", "lib/libjava.so", "conf/security/java.security");
    /** A part of the largest file is read as well: one megabyte of many. */
    private static final String LARGE_FILE = "lib/modules";

    private final DaemonStarter starter;
    private final PrintStream out;
    private final boolean terminal;

    /**
     * @param starter of the real daemon
     * @param out where the show goes
     * @param terminal whether {@code out} is looked at while it grows
     */
    public Demo(DaemonStarter starter, PrintStream out, boolean terminal) {
        this.starter = starter;
        this.out = out;
        this.terminal = terminal;
    }

    /** Returns when the daemon has ended. */
    public void run() throws IOException, InterruptedException {
        Path device = Path.of("/dev/fuse");
        if (!Files.exists(device)) {
            throw new NotFound(
                    device + " is missing, so nothing can be mounted; load the kernel module with: modprobe fuse");
        }
        Path source = Path.of(System.getProperty("java.home")).toRealPath();
        Path work = Files.createTempDirectory("rafsd-demo-");
        try {
            show(source, work);
        } finally {
            sweep(work);
        }
    }

    private void show(Path source, Path work) throws IOException, InterruptedException {
        out.printf("%nrafsd demo: an image that is mounted before it is downloaded%n%n");
        BuiltImage built = build(source, Files.createDirectories(work.resolve("image")));
        PackedImage packed =
                ImagePacker.pack(rafs(built), Platform.current(), Files.createDirectories(work.resolve("oci")));
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(
                Files.createDirectories(work.resolve("registry")),
                new Access.Token("", "", Duration.ofMinutes(5)),
                ANY_PORT)) {
            push(registry, packed);
            String reference = registry.host() + "/" + REPOSITORY + ":" + TAG;
            out.printf("  registry    %s, with bearer tokens%n", registry.address());
            Path mountPoint = Files.createDirectories(work.resolve("mnt"));
            long asked = System.nanoTime();
            try (RunningDaemon daemon =
                    starter.start(reference, mountPoint, work.resolve("cache"), () -> sweep(work))) {
                long mounted = System.nanoTime();
                out.printf("  mounted     %s%n              at %s%n%n", reference, mountPoint);
                Files.readAllBytes(mountPoint.resolve("release"));
                long firstByte = System.nanoTime();
                int compared = new TreeSample(source, mountPoint).compare(SHOWN_FILES, LARGE_FILE);
                long size = packed.layers().stream()
                        .mapToLong(layer -> layer.descriptor().size())
                        .sum();
                table(built, size, daemon, mounted - asked, firstByte - mounted, compared);
                out.printf("Look around in another terminal:  ls %s/bin%n", mountPoint);
                out.printf("Ctrl-C unmounts and leaves nothing behind.%n");
                out.flush();
                daemon.await();
            }
        }
    }

    private BuiltImage build(Path source, Path target) throws IOException {
        long begin = System.nanoTime();
        ProgressLine line = new ProgressLine(out, terminal, "building");
        BuiltImage built = ImageBuilder.build(
                BuildOptions.defaults(),
                source,
                target,
                (files, bytes, totalFiles, totalBytes) -> line.show(bytes, totalBytes));
        line.clear();
        out.printf(
                "  built       %s, %d MB, in %.1f s%n",
                source, built.statistics().fileBytes() >> 20, (System.nanoTime() - begin) / 1e9);
        return built;
    }

    private static BuiltRafs rafs(BuiltImage built) {
        return new BuiltRafs(
                built.bootstrap(),
                built.blobs().stream()
                        .map(blob -> new BuiltRafs.Blob(blob.id().value(), blob.file(), blob.chunkTable()))
                        .toList(),
                "6");
    }

    private static void push(EmbeddedRegistry registry, PackedImage packed) throws IOException {
        for (PackedImage.Content layer : packed.layers()) {
            registry.addBlob(layer.file());
        }
        registry.addBlob(packed.config().file());
        registry.addManifest(
                REPOSITORY,
                TAG,
                packed.manifest().descriptor().mediaType(),
                Files.readAllBytes(packed.manifest().file()));
    }

    private void table(
            BuiltImage built, long size, RunningDaemon daemon, long mountNanos, long readNanos, int compared) {
        long pulled = 0;
        for (MountInfo mount : daemon.mounts().mounts()) {
            pulled += mount.backendStats().bytes.sum();
        }
        row(
                "image size",
                "%.1f MB in the registry, %d files"
                        .formatted(size / 1e6, built.statistics().files()));
        row("pulled so far", "%.1f MB, %.1f %% of it".formatted(pulled / 1e6, 100.0 * pulled / size));
        row("time to mount", "%.0f ms, the start of the daemon included".formatted(mountNanos / 1e6));
        row("time to first byte", "%.0f ms more".formatted(readNanos / 1e6));
        row("compared", compared + " files read through the mount, all identical to the originals");
        row("state", daemon.state());
        row("health", daemon.actuator() + "/health");
        row("metrics", daemon.actuator() + "/prometheus");
        row("endpoints", daemon.actuator() + "/daemon");
        row("", daemon.actuator() + "/blobcache");
        out.println();
    }

    private void row(String name, String value) {
        out.printf("  %-20s%s%n", name, value);
    }

    /** Removes what the demonstration made; what has gone already is not missed. */
    private static void sweep(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> below = Files.walk(directory)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("Left behind: " + directory + " (" + e.getMessage() + ")");
        }
    }
}
