package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HugeFileIT {

    @TempDir
    Path work;

    @Test
    void fileWithMoreThanFourGibibytesKeepsItsSizeAndItsEnds() throws IOException {
        Path source = Files.createDirectory(work.resolve("source"));
        long size = (4L << 30) + 5;
        try (RandomAccessFile file = new RandomAccessFile(source.resolve("huge").toFile(), "rw")) {
            file.setLength(size);
            file.seek(size - 1);
            file.write(7);
        }
        BuildOptions options = BuildOptions.defaults()
                .withChunkSize(1 << 24)
                .withCompression(Compression.LZ4_BLOCK)
                .withDigester(DigestAlgorithm.SHA256);

        BuiltImage image = ImageBuilder.build(options, source, work.resolve("out"), BuildProgress.SILENT);

        RafsMetadata metadata = RafsMetadata.open(image.bootstrap());
        long ino =
                metadata.child(metadata.rootIno(), MemorySegment.ofArray("huge".getBytes(StandardCharsets.US_ASCII)));
        assertThat(metadata.fileSize(ino)).isEqualTo(size);
        assertThat(image.statistics().chunks()).isEqualTo(2);
        assertThat(metadata.chunk(ino, 0)).isEqualTo(metadata.chunk(ino, 255)).isNotEqualTo(metadata.chunk(ino, 256));
    }
}
