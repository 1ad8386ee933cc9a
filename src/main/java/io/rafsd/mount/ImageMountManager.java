package io.rafsd.mount;

import io.rafsd.erofs.ErofsMount;
import io.rafsd.error.AlreadyExists;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.vfs.Layout;
import io.rafsd.filesystem.vfs.Vfs;
import io.rafsd.stats.FailureLog;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mounts RAFS images. Mounting and unmounting are done one at a time; listing never waits for them.
 */
public final class ImageMountManager implements MountManager {

    private static final Logger log = LoggerFactory.getLogger(ImageMountManager.class);

    private final ImageAssembly assembly;
    private final BlobCacheMgr blobs;
    private final Vfs vfs = new Vfs();
    private final Map<String, MountedImage> images = new LinkedHashMap<>();
    private final List<MountedImage> cold = new ArrayList<>();
    private volatile List<MountInfo> listed = List.of();
    private volatile Runnable onChange = () -> {};
    private volatile @Nullable Path served;

    public ImageMountManager(ImageAssembly assembly) {
        this.assembly = assembly;
        this.blobs = new BlobCacheMgr(assembly);
    }

    @Override
    public FileSystem root() {
        return vfs;
    }

    @Override
    public synchronized void mount(String path, MountSpec spec) throws IOException {
        if (!path.startsWith("/")) {
            throw new InvalidRequest("mount point '" + path + "' is not absolute; it must begin with '/'");
        }
        MountedImage there = images.get(path);
        if (there != null) {
            if (there.info().spec().asksTheSameAs(spec)) {
                return;
            }
            throw new AlreadyExists("another image is mounted at " + path + "; unmount it first");
        }
        if (spec.settings().erofs() != null) {
            requireServed();
            ErofsMount.requireTarget(Path.of(path));
        }
        long begin = System.nanoTime();
        MountedImage image = assembly.assemble(path, spec, Instant.now());
        try {
            show(image);
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
        images.put(path, image);
        publish();
        image.warmUp();
        log.atInfo()
                .addKeyValue("mountpoint", path)
                .addKeyValue("blobs", image.info().blobs().size())
                .addKeyValue("elapsed_ms", (System.nanoTime() - begin) / 1_000_000)
                .log("mounted {}", image.source());
    }

    private void show(MountedImage image) throws IOException {
        ErofsMount kernel = image.kernel();
        if (kernel != null) {
            kernel.prepare();
        }
        vfs.mount(image.info().place(), image.fileSystem(), image.info().fileSystemStats());
        if (kernel == null) {
            return;
        }
        try {
            kernel.mount(requireServed().resolve(image.info().place().substring(1)));
        } catch (IOException | RuntimeException e) {
            vfs.unmount(image.info().place());
            throw e;
        }
    }

    private Path requireServed() throws IOException {
        Path known = served;
        if (known == null) {
            throw new UnexpectedEvent(
                    "the kernel's EROFS reads from the FUSE mount of the daemon, which is not served now;"
                            + " start the daemon with --mountpoint, and wait until it is RUNNING");
        }
        return known;
    }

    @Override
    public void served(@Nullable Path directory) {
        served = directory;
    }

    @Override
    public synchronized void detach() {
        for (MountedImage image : images.values()) {
            ErofsMount kernel = image.kernel();
            if (kernel != null) {
                try {
                    kernel.detach();
                } catch (IOException e) {
                    log.atWarn().log("{}", e.getMessage());
                }
            }
        }
    }

    @Override
    public synchronized void remount(String path, MountSpec spec) throws IOException {
        MountedImage before = images.get(path);
        if (before == null) {
            throw new NotFound("nothing is mounted at " + path);
        }
        if (before.kernel() != null || spec.settings().erofs() != null) {
            throw new Unsupported("the kernel's EROFS cannot read another image in the place of one; unmount " + path
                    + " and mount it again");
        }
        MountedImage image = assembly.assemble(path, spec, Instant.now());
        try {
            vfs.replace(path, image.fileSystem(), image.info().fileSystemStats());
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
        images.put(path, image);
        cold.remove(before);
        publish();
        before.close();
        image.warmUp();
        log.atInfo().addKeyValue("mountpoint", path).log("remounted {}", image.source());
    }

    @Override
    public synchronized void unmount(String path) throws IOException {
        MountedImage image = images.get(path);
        if (image == null) {
            throw new NotFound("nothing is mounted at " + path);
        }
        ErofsMount kernel = image.kernel();
        if (kernel != null) {
            requireServed();
            kernel.unmount();
        }
        drop(path, image);
    }

    private void drop(String path, MountedImage image) throws IOException {
        vfs.unmount(image.info().place());
        images.remove(path);
        cold.remove(image);
        assembly.hotSettings().forget(path);
        publish();
        image.close();
        log.atInfo().addKeyValue("mountpoint", path).log("unmounted {}", image.source());
    }

    @Override
    public synchronized Layout layout() {
        return vfs.layout();
    }

    @Override
    public synchronized void restore(Layout layout, Map<String, MountSpec> specs) throws IOException {
        close();
        Map<String, MountedImage> made = new LinkedHashMap<>();
        Map<String, Vfs.Shown> shown = new LinkedHashMap<>();
        try {
            for (Layout.Place place : layout.mounts()) {
                MountSpec spec = specs.get(place.path());
                if (spec == null) {
                    throw new InvalidRequest("nothing says what was mounted at " + place.path());
                }
                Path erofs = spec.settings().erofs();
                String path = erofs == null ? place.path() : erofs.toString();
                MountedImage image = assembly.assemble(path, spec, Instant.now());
                made.put(path, image);
                if (image.kernel() != null) {
                    image.kernel().adopt();
                }
                shown.put(
                        place.path(),
                        new Vfs.Shown(image.fileSystem(), image.info().fileSystemStats()));
            }
            vfs.restore(layout, shown);
        } catch (IOException | RuntimeException e) {
            made.values().forEach(MountedImage::close);
            throw e;
        }
        images.putAll(made);
        publish();
        cold.addAll(made.values());
        log.atInfo().addKeyValue("mounts", made.size()).log("taken over");
    }

    @Override
    public synchronized void warmUp() {
        cold.forEach(MountedImage::warmUp);
        cold.clear();
    }

    @Override
    public void onChange(Runnable told) {
        onChange = told;
    }

    @Override
    public synchronized void announce() {
        onChange.run();
    }

    @Override
    public List<MountInfo> mounts() {
        return listed;
    }

    @Override
    public BlobCacheMgr blobs() {
        return blobs;
    }

    @Override
    public FileSystemStats fileSystemStats() {
        return assembly.fileSystemStats();
    }

    @Override
    public HotSettings hotSettings() {
        return assembly.hotSettings();
    }

    @Override
    public FailureLog failures() {
        return assembly.failures();
    }

    @Override
    public synchronized void close() {
        for (String path : List.copyOf(images.keySet())) {
            try {
                drop(path, Objects.requireNonNull(images.get(path)));
            } catch (IOException e) {
                log.atWarn().setCause(e).addKeyValue("mountpoint", path).log("could not be unmounted");
            }
        }
    }

    private void publish() {
        List<MountInfo> infos = new ArrayList<>(images.size());
        for (MountedImage image : images.values()) {
            infos.add(image.info());
        }
        listed = List.copyOf(infos);
        onChange.run();
    }
}
