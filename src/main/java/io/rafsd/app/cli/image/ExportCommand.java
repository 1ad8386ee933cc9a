package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import io.rafsd.image.local.DiskExport;
import io.rafsd.image.local.LocalImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes an image as a disk that the kernel mounts. */
@Command(name = "export", description = "writes an image as a disk that the kernel mounts as EROFS")
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class ExportCommand implements Callable<Integer> {

    @Mixin
    private BootstrapArgument image = new BootstrapArgument();

    @Option(names = "--block", required = true, description = "as a block device image, the only form there is")
    private boolean block;

    @Option(
            names = {"-O", "--output"},
            paramLabel = "FILE",
            description = "the disk (default: the bootstrap's path with .disk)")
    private @Nullable Path output;

    @Option(names = "--threads", defaultValue = "1", hidden = true)
    private int threads;

    @Option(names = "--verity", hidden = true)
    private boolean verity;

    @Override
    public Integer call() throws IOException {
        if (verity) {
            throw new Unsupported("--verity is not written by this version; use veritysetup on the disk");
        }
        Path bootstrap = image.path();
        Path disk = output == null ? bootstrap.resolveSibling(bootstrap.getFileName() + ".disk") : output;
        if (!image.saysWhereBlobsAre()) {
            throw new InvalidRequest("say where the blobs are with --localfs-dir");
        }
        try (LocalImage opened = image.open()) {
            DiskExport.write(opened, bootstrap, disk);
        }
        System.out.println("disk: " + disk);
        return 0;
    }
}
