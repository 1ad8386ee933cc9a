package io.rafsd.rafs.layout.v5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.Xattr;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written is read again; what does not fit is refused. */
class LayoutTest {

    private final MemorySegment image = MemorySegment.ofArray(new byte[16384]);

    @Test
    void aSuperblockIsReadAsItWasWritten() throws Exception {
        Superblock written = new Superblock(1 << 20, 0x95, 2, 8192, 8200, 8208, 3, 1, 80, 1, 8288);
        written.encode(image);
        assertThat(Superblock.isRafs(image)).isTrue();
        assertThat(Superblock.decode(image)).isEqualTo(written);
    }

    @Test
    void anotherVersionOfTheFormatIsRefusedByName() {
        new Superblock(1 << 20, 0x95, 2, 8192, 8200, 8208, 3, 1, 80, 1, 8288).encode(image);
        image.set(Fields.U32, 4, 0x400);
        assertThatExceptionOfType(Unsupported.class)
                .isThrownBy(() -> Superblock.decode(image))
                .withMessageContaining("0x400");
    }

    @Test
    void blobTablesAreReadAsTheyWereWritten() throws Exception {
        List<BlobEntry> blobs =
                List.of(new BlobEntry(1, 2, "ab"), new BlobEntry(0, 0, "c".repeat(64)), new BlobEntry(3, 0, "d"));
        MemorySegment table = image.asSlice(8192, BlobEntry.size(blobs));
        BlobEntry.encode(table, blobs);
        assertThat(BlobEntry.decode(table)).isEqualTo(blobs);
        assertThat(BlobEntry.size(List.of())).isZero();
    }

    @Test
    void anIdThatIsTooLongIsRefused() {
        MemorySegment table = image.asSlice(8192, 80);
        table.asSlice(8).fill((byte) 'a');
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> BlobEntry.decode(table))
                .withMessageContaining("longer than 64");
    }

    @Test
    void anInodeIsReadWithAllThatBelongsToIt() throws Exception {
        List<Xattr> xattrs = List.of(xattr("user.a", "value"), xattr("user.empty", ""));
        Digest digest = new Digest(1, 2, 3, 4);
        byte[] name = "name".getBytes(StandardCharsets.US_ASCII);
        Inode.encode(
                image, 8192, digest, 1, 7, 10, 11, 0x81A4, 300, 8, Inode.XATTR, 2, 0, 3, 12, 99, 5, name, new byte[0]);
        Xattrs.encode(image, 8192 + Inode.headSize(4, 0), xattrs);
        Inode inode = Inode.at(image, 8192);
        assertThat(inode.digest()).isEqualTo(digest);
        assertThat(inode.name().mismatch(MemorySegment.ofArray(name))).isEqualTo(-1);
        assertThat(inode.symlinkTarget().byteSize()).isZero();
        assertThat(new long[] {inode.parent(), inode.ino(), inode.uid(), inode.gid(), inode.mode(), inode.size()})
                .containsExactly(1, 7, 10, 11, 0x81A4, 300);
        assertThat(new long[] {inode.nlink(), inode.childCount(), inode.rdev(), inode.mtimeSeconds(), inode.mtimeNanos()
                })
                .containsExactly(2, 3, 12, 99, 5);
        List<Xattr> found = Xattrs.decode(image, inode.xattrOffset());
        assertThat(found).hasSize(2);
        assertThat(found.get(0).value().byteSize()).isEqualTo(5);
        assertThat(found.get(1).name().byteSize()).isEqualTo(10);
        assertThat(inode.end()).isEqualTo(8192 + Inode.headSize(4, 0) + Xattrs.size(xattrs) + 3 * 80);
    }

    @Test
    void anXattrTableThatEndsBehindTheBootstrapIsRefusedHoweverLargeItClaimsToBe() {
        Inode.encode(
                image,
                8192,
                new Digest(0, 0, 0, 0),
                0,
                1,
                0,
                0,
                0x41ED,
                0,
                0,
                Inode.XATTR,
                2,
                2,
                0,
                0,
                0,
                0,
                new byte[] {'/'},
                new byte[0]);
        for (long size : new long[] {16384, Long.MAX_VALUE, -1, -8}) {
            image.set(Fields.U64, 8192 + Inode.headSize(1, 0), size);
            assertThatExceptionOfType(InvalidImage.class)
                    .isThrownBy(() -> Inode.at(image, 8192))
                    .withMessageContaining("xattr table");
        }
    }

    private static Xattr xattr(String name, String value) {
        return new Xattr(
                MemorySegment.ofArray(name.getBytes(StandardCharsets.US_ASCII)),
                MemorySegment.ofArray(value.getBytes(StandardCharsets.US_ASCII)));
    }
}
