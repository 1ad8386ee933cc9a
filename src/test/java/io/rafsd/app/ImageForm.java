package io.rafsd.app;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.FsVersion;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to build an image.
 *
 * @param name a legal file name that says it
 */
record ImageForm(String name, BuildOptions options) {

    private static final int[] CHUNK_SIZES = {1 << 12, 1 << 16, 1 << 20};
    private static final int LARGEST_BATCH = 1 << 16;

    /**
     * Every version with every compression and digest, three chunk sizes, and, of v6, batch and encryption. Where the
     * bootstrap lies, whether there is a table of contents, and of v5 whether chunks are aligned, takes turns: each is met
     * with each of the others, if not with all of them at once.
     */
    static List<ImageForm> all() {
        List<ImageForm> forms = new ArrayList<>();
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4_BLOCK, Compression.ZSTD)) {
            for (DigestAlgorithm digester : DigestAlgorithm.values()) {
                for (int chunkSize : CHUNK_SIZES) {
                    BuildOptions options = BuildOptions.defaults()
                            .withCompression(compression)
                            .withDigester(digester)
                            .withChunkSize(chunkSize);
                    String name = compression + "-" + digester + "-" + chunkSize;
                    addV5(forms, "v5-" + name, options.withVersion(FsVersion.V5));
                    addV6(forms, "v6-" + name, options);
                }
            }
        }
        return forms;
    }

    private static void addV5(List<ImageForm> forms, String name, BuildOptions plain) {
        forms.add(new ImageForm(name, plain));
        // A round of the loops adds six.
        boolean inlined = forms.size() / 6 % 2 == 0;
        forms.add(new ImageForm(
                name + "-aligned" + (inlined ? "-inlined" : ""),
                plain.withAlignedChunks(true).withInlineBootstrap(inlined)));
    }

    private static void addV6(List<ImageForm> forms, String name, BuildOptions plain) {
        for (boolean encrypted : new boolean[] {false, true}) {
            for (int batchSize : new int[] {0, Math.min(plain.chunkSize(), LARGEST_BATCH)}) {
                // Out of step with the loops, so that each layout meets each setting.
                int turn = forms.size() % 4 + forms.size() / 4 % 4;
                boolean inlined = turn % 2 == 1;
                boolean toc = turn / 2 % 2 == 1;
                forms.add(new ImageForm(
                        name
                                + (encrypted ? "-encrypted" : "")
                                + (batchSize > 0 ? "-batch" : "")
                                + (inlined ? "-inlined" : "")
                                + (toc ? "-toc" : ""),
                        plain.withEncrypted(encrypted)
                                .withBatchSize(batchSize)
                                .withInlineBootstrap(inlined)
                                .withToc(toc)));
            }
        }
    }
}
