package io.rafsd.builder;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rafsd.codec.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildOptionsTest {

    @ParameterizedTest
    @ValueSource(ints = {0, -4096, 2048, 4097, 3 << 19, 1 << 25})
    void chunkSizeThatTheFormatDoesNotKnowIsRefused(int chunkSize) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BuildOptions.defaults().withChunkSize(chunkSize))
                .withMessageContaining(chunkSize + " is no power of two from 4096 to 16777216");
    }

    @Test
    void gzipIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BuildOptions.defaults().withCompression(Compression.GZIP))
                .withMessageContaining("choose zstd, lz4_block or none");
    }
}
