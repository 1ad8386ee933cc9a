package io.rafsd.app;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.builder.ImageSource;
import io.rafsd.builder.ImageTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A tree of sixty files and the image of it, for daemons that are killed under its readers.
 *
 * @param source the tree
 * @param bootstrap of the image, beside its blob
 * @param cache an existing directory
 */
record ServedTree(Path source, Path bootstrap, Path cache) {

    static final ServedTree NONE = new ServedTree(Path.of(""), Path.of(""), Path.of(""));

    static ServedTree build(Path work) throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        Random random = new Random(6);
        for (int d = 0; d < 5; d++) {
            Path directory = Files.createDirectories(source.resolve("d" + d).resolve("sub"));
            for (int f = 0; f < 12; f++) {
                byte[] bytes = new byte[random.nextInt(400_000)];
                random.nextBytes(bytes);
                Files.write(directory.resolve("file" + f), bytes);
            }
        }
        Path image = Files.createDirectory(work.resolve("image"));
        Path bootstrap = image.resolve("image.boot");
        ImageBuilder.build(
                BuildOptions.defaults(),
                new ImageSource.Directory(source),
                new ImageTarget(image, null, bootstrap, false),
                BuildProgress.SILENT);
        return new ServedTree(source, bootstrap, Files.createDirectories(work.resolve("cache")));
    }

    /** A daemon's configuration of the image. */
    String config() {
        return "{\"mode\":\"direct\",\"device\":{\"backend\":{\"type\":\"localfs\",\"config\":{\"dir\":\""
                + bootstrap.getParent() + "\"}},\"cache\":{\"type\":\"blobcache\",\"config\":{\"work_dir\":\"" + cache
                + "\"}}}}";
    }
}
