package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;
import static io.rafsd.testing.TinyImageV5.CHUNK_SIZE;
import static io.rafsd.testing.TinyImageV5.DIRECTORY;
import static io.rafsd.testing.TinyImageV5.FILE;
import static io.rafsd.testing.TinyImageV5.LINK;
import static io.rafsd.testing.TinyImageV5.ROOT;
import static io.rafsd.testing.TinyImageV5.SECOND_NAME;
import static io.rafsd.testing.TinyImageV5.offset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.Attributes;
import io.rafsd.testing.TinyImageV5;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RAFS v5 images that break one rule, and what the one they are made from shows. */
class HostileV5Test {

    private static final long MODE = 60;
    private static final long SIZE = 64;
    private static final long FLAGS = 80;
    private static final long CHILD_INDEX = 92;
    private static final long CHILD_COUNT = 96;
    private static final long NAME = 128;
    /** The cookie behind {@code .} and {@code ..}. */
    private static final long FIRST_CHILD = 2;

    private final TinyImageV5 image = new TinyImageV5();

    @Test
    void whatItHoldsIsSeen() throws IOException {
        RafsMetadata metadata = image.open();
        assertThat(names(metadata, ROOT)).containsExactly(". 1", ".. 1", "d 2", "f 3", "l 4");
        assertThat(names(metadata, DIRECTORY)).containsExactly(". 2", ".. 1", "g 3");
        assertThat(metadata.child(DIRECTORY, text("g"))).isEqualTo(FILE);
        assertThat(metadata.child(DIRECTORY, text("..")))
                .isEqualTo(metadata.child(ROOT, text(".")))
                .isEqualTo(ROOT);
        assertThat(metadata.child(ROOT, text("e"))).isEqualTo(RafsMetadata.ABSENT);
        assertThat(metadata.fileSize(FILE)).isEqualTo(TinyImageV5.FILE_SIZE);
        assertThat(metadata.chunk(FILE, 2)).isEqualTo(2);
        assertThat(metadata.chunkOffset(FILE, 2)).isEqualTo(2 * CHUNK_SIZE);
        assertThat(metadata.symlinkTarget(LINK).mismatch(text("target"))).isEqualTo(-1);
        assertThat(new String(metadata.extendedAttributeNames(FILE), StandardCharsets.US_ASCII))
                .isEqualTo("user.a\0");
        assertThat(Objects.requireNonNull(metadata.extendedAttribute(FILE, text("user.a")))
                        .mismatch(text("value")))
                .isEqualTo(-1);
        assertThat(metadata.prefetchInodes()).containsExactly((long) FILE);
    }

    @Test
    void imagesWithoutAlgorithmFlagsAreLz4AndBlake3() throws IOException {
        long root = offset(ROOT);
        image.superblock(0, 1).encode(image.bytes);
        // Its digests are SHA-256, so that only the tables may be looked at.
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(image::open).withMessageContaining("its digest");
        MemorySegment digests = MemorySegment.ofArray(new byte[3 * Digest.SIZE]);
        for (int i = 0; i < 3; i++) {
            Digest.at(image.bytes, offset(DIRECTORY + i)).write(digests, (long) i * Digest.SIZE);
        }
        DigestAlgorithm.BLAKE3.digest(digests).write(image.bytes, root);
        RafsMetadata metadata = image.open();
        assertThat(metadata.blobs().getFirst().compressor()).isEqualTo(Compression.LZ4_BLOCK);
        assertThat(metadata.blobs().getFirst().digester()).isEqualTo(DigestAlgorithm.BLAKE3);
    }

    @Test
    void chunksOfOldImagesAreNumberedByTheirPlace() throws IOException {
        image.superblock(TinyImageV5.FLAGS, 0).encode(image.bytes);
        for (int i = 0; i < 3; i++) {
            for (int index : new int[] {FILE, SECOND_NAME}) {
                image.bytes.set(U32, image.chunk(index, i) + 72, 99);
            }
        }
        RafsMetadata metadata = image.open();
        assertThat(metadata.blobs().getFirst().chunkCount()).isEqualTo(3);
        assertThat(metadata.blobs().getFirst().uncompressedSize()).isEqualTo(TinyImageV5.FILE_SIZE);
        assertThat(metadata.chunk(FILE, 1)).isEqualTo(1);
        assertThat(metadata.chunkDigests(0).of(1)).isEqualTo(new Digest(1, 0, 0, 0));
    }

    @Test
    void chunksThatABlobOnlyClaimsTakeNoMemory() throws IOException {
        image.bytes.set(U32, TinyImageV5.BLOB_TABLE + 16, 1 << 24);
        for (int index : new int[] {FILE, SECOND_NAME}) {
            image.bytes.set(U32, image.chunk(index, 2) + 72, (1 << 24) - 1);
        }
        RafsMetadata metadata = image.open();
        ChunkTable table = Objects.requireNonNull(metadata.chunkTable(0));
        assertThat(table.chunkCount()).isEqualTo(1 << 24);
        assertThat(table.uncompressedSize((1 << 24) - 1)).isEqualTo(100);
        assertThat(table.uncompressedSize(2)).isZero();
        assertThat(metadata.chunkDigests(0).of(2)).isNull();
    }

    @Test
    void superblocksThatCannotBeAreRefused() {
        refused(4, 0x600, Unsupported.class, "0x600");
        refused(8, 4096, InvalidImage.class, "4096");
        refused(12, 4097, InvalidImage.class, "chunk size 4097");
        refused(16, 1 << 12, InvalidImage.class, "unknown bits");
        refused(24, 6, InvalidImage.class, "6 inodes");
        refused(32, 8200, InvalidImage.class, "overlaps");
        refused(32, 8193, InvalidImage.class, "aligned");
        refused(32, -8, InvalidImage.class, "lies outside");
        refused(48, TinyImageV5.PREFETCH_TABLE, InvalidImage.class, "overlaps");
        refused(56, 1 << 30, InvalidImage.class, "lies outside");
        refused(60, 6, InvalidImage.class, "prefetch table");
        refused(68, 0x7FFF_FFFF, InvalidImage.class, "lies outside");
    }

    private void refused(long at, int value, Class<? extends IOException> kind, String rule) {
        TinyImageV5 broken = new TinyImageV5();
        broken.bytes.set(U32, at, value);
        if (at == 32 && value < 0) {
            broken.bytes.set(U64, at, value);
        }
        assertThatExceptionOfType(kind).isThrownBy(broken::open).withMessageContaining(rule);
    }

    @Test
    void inodesThatLieElsewhereAreRefused() {
        image.bytes.set(U32, TinyImageV5.tableEntry(LINK), 1024);
        refusedAtOpen("inode 4 at 8192 lies in the superblock");
        image.bytes.set(U32, TinyImageV5.tableEntry(LINK), (int) (image.bytes.byteSize() >>> 3) - 1);
        refusedAtOpen("lies outside");
    }

    /** Without that, a few entries that all lead to the same large file would take for ever. */
    @Test
    void inodesThatLieOnTopOfEachOtherAreRefused() {
        long files = (image.bytes.byteSize() - image.chunk(FILE, 0)) / 80;
        image.bytes.set(U32, offset(FILE) + CHILD_COUNT, (int) files);
        for (long i = 3; i < files; i++) {
            image.bytes.asSlice(image.chunk(FILE, (int) i), 80).copyFrom(image.bytes.asSlice(image.chunk(FILE, 0), 80));
        }
        for (int index = 1; index <= TinyImageV5.COUNT; index++) {
            image.bytes.set(U32, TinyImageV5.tableEntry(index), (int) (offset(FILE) >>> 3));
        }
        refusedAtOpen("overlap each other");
    }

    @Test
    void chunksThatTheImageHasNotAreRefused() {
        image.bytes.set(U32, image.chunk(FILE, 1) + 32, 1);
        refusedAtOpen("names blob 1 of 1");
        image.bytes.set(U32, image.chunk(FILE, 1) + 32, 0);
        image.bytes.set(U32, image.chunk(FILE, 1) + 72, 3);
        refusedAtOpen("names chunk 3 of 3");
        image.bytes.set(U32, image.chunk(FILE, 1) + 72, 0);
        refusedAtOpen("describes the same chunk");
    }

    @Test
    void chunksThatCannotBeAreRefused() {
        both(36, 2);
        refusedAtOpen("flags 0x2");
        both(36, 0);
        both(40, 5);
        refusedAtOpen("stored uncompressed");
        both(40, CHUNK_SIZE);
        both(44, CHUNK_SIZE + 1);
        refusedAtOpen("no chunk of 4096");
        both(44, CHUNK_SIZE);
        both(48, 1 << 20);
        refusedAtOpen("ends behind the blob's size");
        both(48, CHUNK_SIZE);
        both(56, 100);
        refusedAtOpen("overlaps the chunk before it");
    }

    private void both(long field, int value) {
        for (int index : new int[] {FILE, SECOND_NAME}) {
            image.bytes.set(U32, image.chunk(index, 1) + field, value);
        }
    }

    @Test
    void directoriesThatLeadBackAreRefused() throws IOException {
        image.bytes.set(U32, offset(DIRECTORY) + CHILD_INDEX, DIRECTORY);
        refusedAtUse(DIRECTORY, "not behind it");
        image.bytes.set(U32, offset(DIRECTORY) + CHILD_INDEX, SECOND_NAME);
        image.bytes.set(U32, offset(DIRECTORY) + CHILD_COUNT, 2);
        refusedAtUse(DIRECTORY, "children 5 to 6");
        image.bytes.set(U32, offset(DIRECTORY) + CHILD_COUNT, 1);
        image.bytes.set(U64, offset(SECOND_NAME) + 32, ROOT);
        refusedAtUse(DIRECTORY, "another parent");
    }

    @Test
    void namesThatNoFileCanHaveAreRefused() {
        image.bytes.set(U8, offset(LINK) + NAME, (byte) '/');
        refusedAtOpen("name that no file can have");
        image.bytes.set(U8, offset(LINK) + NAME, (byte) '.');
        refusedAtOpen("name that no file can have");
        image.bytes.set(U8, offset(LINK) + NAME, (byte) 'c');
        refusedAtOpen("not behind that of the one before");
        image.bytes.set(U16, offset(LINK) + 100, (short) 0);
        refusedAtOpen("name that no file can have");
    }

    @Test
    void secondNamesOfSomethingElseAreRefused() throws IOException {
        image.bytes.set(U64, offset(SECOND_NAME) + 40, LINK);
        refusedAtUse(DIRECTORY, "not of the same file");
        image.bytes.set(U64, offset(SECOND_NAME) + 40, -1);
        refusedAtUse(DIRECTORY, "only a regular file");
        image.bytes.set(U64, offset(SECOND_NAME) + 40, FILE);
        image.bytes.set(U64, offset(SECOND_NAME) + SIZE, 1);
        refusedAtUse(DIRECTORY, "not of the same file");
    }

    @Test
    void filesWhoseChunksDoNotCoverThemAreRefused() throws IOException {
        image.bytes.set(U64, offset(FILE) + SIZE, 5);
        refusedAtUse(FILE, "3 chunks for 5 bytes");
        image.bytes.set(U64, offset(FILE) + SIZE, TinyImageV5.FILE_SIZE - 1);
        refusedAtUse(FILE, "chunk 2 has 100 bytes");
        image.bytes.set(U64, offset(FILE) + SIZE, Long.MIN_VALUE);
        refusedAtUse(FILE, "too large");
        image.bytes.set(U64, offset(FILE) + SIZE, TinyImageV5.FILE_SIZE);
        image.bytes.set(U64, offset(FILE) + FLAGS, 0xC);
        refusedAtUse(FILE, "holes");
    }

    @Test
    void digestsThatDoNotHoldAreRefused() throws IOException {
        for (int index : new int[] {FILE, SECOND_NAME}) {
            image.bytes.set(U8, image.chunk(index, 1), (byte) 1);
        }
        refusedAtUse(FILE, "its digest");
        image.bytes.set(U8, offset(DIRECTORY), (byte) ~image.bytes.get(U8, offset(DIRECTORY)));
        refusedAtOpen("its digest");
    }

    @Test
    void aRootThatIsNoDirectoryIsRefused() {
        image.bytes.set(U32, offset(ROOT) + MODE, Attributes.FIFO);
        image.bytes.set(U32, offset(ROOT) + CHILD_COUNT, 0);
        DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(new byte[0])).write(image.bytes, offset(ROOT));
        refusedAtOpen("is no directory");
    }

    @Test
    void anyBytesGiveATreeOrARule() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 4000; i++) {
            TinyImageV5 broken = new TinyImageV5();
            for (int n = random.nextInt(6); n >= 0; n--) {
                long at = random.nextInt(4) == 0
                        ? random.nextInt(80)
                        : 8192 + random.nextInt((int) broken.bytes.byteSize() - 8192);
                broken.bytes.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
            }
            try {
                walk(broken.open(), ROOT, 0);
            } catch (InvalidImage | Unsupported e) {
                assertThat(e).as("seed %d", seed).hasMessageNotContaining("null");
            } catch (IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void walk(RafsMetadata metadata, long ino, int depth) throws IOException {
        assertThat(depth).isLessThan(TinyImageV5.COUNT);
        Attributes found = new Attributes();
        metadata.attributes(ino, found);
        metadata.extendedAttributeNames(ino);
        if (found.isRegular()) {
            long size = metadata.fileSize(ino);
            for (long position = 0; position * metadata.chunkSize() < size; position++) {
                metadata.chunk(ino, position);
            }
        } else if (found.isDirectory()) {
            List<Long> children = new ArrayList<>();
            metadata.readDirectory(ino, FIRST_CHILD, (_, child, _, _) -> children.add(child));
            for (long child : children) {
                walk(metadata, child, depth + 1);
            }
        } else if ((found.mode & Attributes.TYPE_MASK) == Attributes.SYMLINK) {
            metadata.symlinkTarget(ino);
        }
    }

    @Test
    void linkOfAnotherSizeThanItsTargetIsRefused() throws IOException {
        image.bytes.set(U64, offset(LINK) + 64, 5);
        refusedAtUse(LINK, "its link target has 6 bytes, its size is 5");
    }

    private void refusedAtOpen(String rule) {
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(image::open).withMessageContaining(rule);
    }

    private void refusedAtUse(int ino, String rule) throws IOException {
        RafsMetadata metadata = image.open();
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> metadata.attributes(ino, new Attributes()))
                .withMessageContaining(rule)
                .withMessageContaining("inode " + ino + " at " + offset(ino));
    }

    private static List<String> names(RafsMetadata metadata, long directory) throws IOException {
        List<String> names = new ArrayList<>();
        metadata.readDirectory(
                directory,
                0,
                (name, ino, _, _) -> names.add(
                        new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII) + " " + ino));
        return names;
    }

    private static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }
}
