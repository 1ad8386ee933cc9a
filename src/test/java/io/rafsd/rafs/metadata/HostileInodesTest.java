package io.rafsd.rafs.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Xattrs;
import io.rafsd.testing.TinyImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inodes that break a rule of their own: everything of them is refused, everything else of the image is there. */
class HostileInodesTest {

    private final TinyImage image = new TinyImage();

    @Test
    void theUnbrokenImageIsRead() throws IOException {
        RafsMetadata metadata = image.open();
        assertThat(names(metadata, TinyImage.ROOT)).containsExactly(".", "..", "d", "f", "l");
        assertThat(metadata.child(TinyImage.ROOT, name("d"))).isEqualTo(TinyImage.DIRECTORY);
        assertThat(metadata.child(TinyImage.ROOT, name("e"))).isEqualTo(RafsMetadata.ABSENT);
        assertThat(metadata.child(TinyImage.DIRECTORY, name("g"))).isEqualTo(TinyImage.FILE);
        assertThat(metadata.fileSize(TinyImage.FILE)).isEqualTo(TinyImage.FILE_SIZE);
        assertThat(RafsMetadata.indexOf(metadata.chunk(TinyImage.FILE, 2))).isEqualTo(2);
        assertThat(text(metadata.symlinkTarget(TinyImage.LINK))).isEqualTo("target");
        assertThat(new String(metadata.extendedAttributeNames(TinyImage.FILE), StandardCharsets.ISO_8859_1))
                .isEqualTo("user.a\0system.posix_acl_access\0");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x1, 0x40, 0x60, 0x10020, 0x80000020})
    void chunkFormatWithoutIndexesOrWithUnknownBitsIsRefused(int format) throws IOException {
        image.file(TinyImage.FILE_SIZE, format);
        refused(() -> image.open().fileSize(TinyImage.FILE), "chunk format 0x" + Integer.toHexString(format));
        assertThat(text(image.open().symlinkTarget(TinyImage.LINK))).isEqualTo("target");
    }

    @Test
    void anyUnitOfAChunkFormatIsRead() throws IOException {
        image.file(TinyImage.FILE_SIZE, 0x3F);
        assertThat(image.open().fileSize(TinyImage.FILE)).isEqualTo(TinyImage.FILE_SIZE);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 40, 4096 * 1000})
    void fileLargerThanTheChunkIndexThatTheImageCanHoldIsRefused(long size) {
        image.file(size, Inode.CHUNK_INDEXES);
        refused(() -> image.open().fileSize(TinyImage.FILE), "inode 48 at 5632");
        refused(() -> image.open().attributes(TinyImage.FILE, new Attributes()), "inode 48 at 5632");
    }

    @Test
    void regularFileThatIsNotChunkBasedIsRefused() {
        image.bytes.set(Fields.U16, TinyImage.offset(TinyImage.FILE), (short) (Inode.FLAT_PLAIN << 1 | 1));
        refused(() -> image.open().fileSize(TinyImage.FILE), "must be chunk based");
    }

    @Test
    void unknownTypeIsRefused() {
        // Left out of the directories, which would be refused for it.
        image.directory(TinyImage.ROOT, Arrays.copyOf(TinyImage.rootNames(), 2));
        image.bytes.set(Fields.U16, TinyImage.offset(TinyImage.FILE) + 4, (short) 0x9000);
        refused(() -> image.open().attributes(TinyImage.FILE, new Attributes()), "of no known type");
    }

    @Test
    void chunkOfABlobThatIsNotThereIsRefused() throws IOException {
        image.file(TinyImage.FILE_SIZE, Inode.CHUNK_INDEXES);
        image.chunk(0, List.of(), 1, 0, 0);
        image.chunk(1, List.of(), -1, 0, 0);
        image.chunk(2, List.of(), 0, TinyImage.CHUNKS, 0);
        RafsMetadata metadata = image.open();
        metadata.fileSize(TinyImage.FILE);
        for (int position = 0; position < 3; position++) {
            int at = position;
            refused(() -> metadata.chunk(TinyImage.FILE, at), "which the image has not");
        }
    }

    @Test
    void chunkBehindTheEndOfItsBlobIsRefused() throws IOException {
        image.file(TinyImage.FILE_SIZE, Inode.CHUNK_INDEXES);
        image.chunk(0, List.of(), 0, 0, 0xFFFF_FFFFL);
        RafsMetadata metadata = image.open();
        refused(() -> metadata.chunk(TinyImage.FILE, 0), "behind the end of blob 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with \0 inside"})
    void linkTargetThatCannotBeIsRefused(String target) {
        image.link(target);
        refused(() -> image.open().symlinkTarget(TinyImage.LINK), "link target");
    }

    @Test
    void linkTargetLongerThanAPathIsRefusedAndTakesNoMemory() {
        image.bytes.set(Fields.U64, TinyImage.offset(TinyImage.LINK) + 8, 4097L);
        refused(() -> image.open().symlinkTarget(TinyImage.LINK), "4097 bytes");
    }

    @Test
    void linkTargetOutsideOfTheBootstrapIsRefused() {
        long inode = TinyImage.offset(TinyImage.LINK);
        image.bytes.set(Fields.U16, inode, (short) 1);
        image.bytes.set(Fields.U32, inode + 16, 0xFFFF_FFFF);
        refused(() -> image.open().symlinkTarget(TinyImage.LINK), "outside the bootstrap");
    }

    @Test
    void linkTargetLongerThanABlockIsReadWhole() throws IOException {
        String target = "t".repeat(700);
        byte[] link = target.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
        Inode.encode(bytes, 512, Inode.FLAT_INLINE, 0, Attributes.SYMLINK, link.length, 4, 1, 0, 0, 0, 0, 1);
        MemorySegment.copy(link, 0, bytes, Fields.U8, 4 * 512, 512);
        MemorySegment.copy(link, 512, bytes, Fields.U8, 512 + 64, link.length - 512);
        FlatData data = new FlatData(bytes, Inode.at(bytes, 512), 9);
        assertThat(text(InodeRules.target(data))).isEqualTo(target);
    }

    @Test
    void xattrAreaLargerThanTheBootstrapIsRefused() {
        image.bytes.set(Fields.U16, TinyImage.offset(TinyImage.FILE) + 2, (short) -1);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "xattr area of");
    }

    @Test
    void xattrThatRunsOverItsAreaIsRefused() {
        patchXattr(2, (byte) 200);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "runs over its area");
    }

    @Test
    void xattrOfAnUnknownPrefixIsRefused() {
        patchXattr(1, (byte) 5);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "prefix 5 is unknown");
    }

    @Test
    void xattrWithALongerNameThanTheWholePrefixIsRefused() {
        patchXattr(1, (byte) 2);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "cannot follow the prefix");
    }

    @Test
    void xattrWithNothingAfterItsPrefixIsRefused() {
        image.file(100, Inode.CHUNK_INDEXES, TinyImage.xattr("user.", "value"));
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "cannot follow the prefix");
    }

    @Test
    void xattrWithANulInItsNameIsRefused() {
        patchXattr(4, (byte) 0);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "holds a NUL");
    }

    @Test
    void xattrThatIsSetTwiceIsRefused() {
        image.file(100, Inode.CHUNK_INDEXES, TinyImage.xattr("user.a", "1"), TinyImage.xattr("user.a", "2"));
        refused(() -> image.open().extendedAttribute(TinyImage.FILE, name("user.a")), "set twice");
    }

    @Test
    void sharedXattrsAreRefused() {
        image.bytes.set(Fields.U8, TinyImage.offset(TinyImage.FILE) + Inode.EXTENDED_SIZE + 4, (byte) 1);
        refused(() -> image.open().extendedAttributeNames(TinyImage.FILE), "shared xattrs");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE, 1, 7, 1L << 32, 1L << 59, 80})
    void numberThatIsNoInodeIsRefused(long nid) throws IOException {
        RafsMetadata metadata = image.open();
        refused(() -> metadata.attributes(nid, new Attributes()), "lies outside of the inodes");
    }

    @Test
    void brokenInodeIsRefusedEachTimeAndTheOthersAreThere() throws IOException {
        image.file(-1, Inode.CHUNK_INDEXES);
        RafsMetadata metadata = image.open();
        for (int i = 0; i < 3; i++) {
            refused(() -> metadata.attributes(TinyImage.FILE, new Attributes()), "too large");
            assertThatCode(() -> metadata.attributes(TinyImage.LINK, new Attributes()))
                    .doesNotThrowAnyException();
        }
    }

    /** A byte of the entry of user.a, which begins with length of the rest of its name, prefix and size of the value. */
    private void patchXattr(int at, byte value) {
        long entry = TinyImage.offset(TinyImage.FILE) + Inode.EXTENDED_SIZE + Xattrs.HEADER_SIZE;
        image.bytes.set(Fields.U8, entry + at, value);
    }

    private static void refused(ThrowingCallable access, String reason) {
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(access).withMessageContaining(reason);
    }

    private static MemorySegment name(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(Fields.U8), StandardCharsets.ISO_8859_1);
    }

    static List<String> names(RafsMetadata metadata, long directory) throws IOException {
        List<String> names = new ArrayList<>();
        metadata.readDirectory(directory, 0, (name, _, _, _) -> names.add(text(name)));
        return names;
    }
}
