package io.rafsd.rafs.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.Dirents;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.testing.TinyImage;
import io.rafsd.testing.TinyImage.Name;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Directories whose entries break a rule. The root is refused when the image is opened; another one when it is listed or
 * searched.
 */
class HostileDirectoriesTest {

    private static final Name DOT = new Name(".", TinyImage.DIRECTORY, Attributes.DIRECTORY);
    private static final Name DOTS = new Name("..", TinyImage.ROOT, Attributes.DIRECTORY);

    private final TinyImage image = new TinyImage();

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "/", "a\0b"})
    void nameThatNoFileCanHaveIsRefused(String name) {
        // Before another one, so that its end is where that begins.
        refused("directory entry 2: ", DOT, DOTS, file(name), file("z"));
    }

    @Test
    void lastNameThatHoldsASlashIsRefused() {
        refused("byte 1 of its name is '/'", DOT, DOTS, file("a/"));
    }

    @Test
    void lastNameEndsWithTheFirstNul() throws IOException {
        directory(DOT, DOTS, file("a\0\0"));
        assertThat(HostileInodesTest.names(image.open(), TinyImage.DIRECTORY)).containsExactly(".", "..", "a");
    }

    @Test
    void nameOf255BytesIsReadAndOneOf256Refused() throws IOException {
        directory(DOT, DOTS, file("n".repeat(255)));
        assertThat(HostileInodesTest.names(image.open(), TinyImage.DIRECTORY)).hasSize(3);
        refused("256 bytes", DOT, DOTS, file("n".repeat(256)));
    }

    @Test
    void namesOutOfOrderAreRefused() {
        refused("not behind the one before", DOT, DOTS, file("b"), file("a"));
        refused("not behind the one before", DOT, DOTS, file("\u00ff"), file("a"));
    }

    @Test
    void nameThatIsThereTwiceIsRefused() {
        refused("not behind the one before", DOT, DOTS, file("a"), file("a"));
        refused("not behind the one before", DOT, DOT, DOTS);
    }

    @Test
    void dotsMayLieBetweenOtherNames() throws IOException {
        directory(file("!a"), file("-"), DOT, file(".!"), DOTS, file("..."), file("g"));
        RafsMetadata metadata = image.open();
        assertThat(HostileInodesTest.names(metadata, TinyImage.DIRECTORY))
                .containsExactly("!a", "-", ".", ".!", "..", "...", "g");
        assertThat(metadata.child(TinyImage.DIRECTORY, name("..."))).isEqualTo(TinyImage.FILE);
    }

    @Test
    void missingDotsAreRefused() {
        refused("lacks an entry", DOT, file("a"));
        refused("lacks an entry", DOTS, file("a"));
    }

    @Test
    void dotThatIsNotTheDirectoryItselfIsRefused() {
        refused("not the directory itself", new Name(".", TinyImage.ROOT, Attributes.DIRECTORY), DOTS);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1L << 40, Long.MIN_VALUE})
    void entryThatIsNoInodeIsRefusedAndNotTakenForAbsent(long nid) throws IOException {
        directory(DOT, DOTS, new Name("a", nid, Attributes.REGULAR));
        RafsMetadata metadata = image.open();
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> metadata.child(TinyImage.DIRECTORY, name("a")))
                .withMessageContaining("lies outside of the inodes");
    }

    @Test
    void entryOfAnotherTypeThanItsInodeIsRefused() {
        refused("its type is not that of inode 48", DOT, DOTS, new Name("a", TinyImage.FILE, Attributes.FIFO));
    }

    @Test
    void unknownTypeIsRefused() {
        directory(DOT, DOTS, file("a"));
        image.bytes.set(Fields.U8, block(TinyImage.DIRECTORY) + 2 * Dirents.ENTRY_SIZE + 10, (byte) 9);
        refused("its type is not that of inode 48");
    }

    @Test
    void directoryThatHoldsItselfIsRefused() {
        refused("cannot be below itself", DOT, DOTS, new Name("a", TinyImage.DIRECTORY, Attributes.DIRECTORY));
    }

    @Test
    void directoryThatHoldsTheRootIsRefused() {
        refused("cannot be below itself", DOT, DOTS, new Name("a", TinyImage.ROOT, Attributes.DIRECTORY));
    }

    @Test
    void directoryInTwoDirectoriesIsRefused() {
        // The link's place becomes a directory that the root holds, and that says so; d holds it as well.
        image.directory(
                TinyImage.LINK,
                new Name(".", TinyImage.LINK, Attributes.DIRECTORY),
                new Name("..", TinyImage.ROOT, Attributes.DIRECTORY));
        root(new Name("l", TinyImage.LINK, Attributes.DIRECTORY));
        refused("has another parent, 16", DOT, DOTS, new Name("a", TinyImage.LINK, Attributes.DIRECTORY));
    }

    @Test
    void directoryThatIsTwiceInOneIsRefusedWhenTheImageIsOpened() {
        root(new Name("l", TinyImage.DIRECTORY, Attributes.DIRECTORY));
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(image::open)
                .withMessageContaining("directory 16 at 4608, block")
                .withMessageContaining("directory 32 is an entry of it twice");
    }

    @Test
    void rootWithAnotherParentIsRefused() {
        Name[] names = TinyImage.rootNames();
        names[1] = new Name("..", TinyImage.DIRECTORY, Attributes.DIRECTORY);
        image.directory(TinyImage.ROOT, names);
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(image::open)
                .withMessageContaining("'..' of the root is 32");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 13, 24, 60, 0xFFFF})
    void nameOffsetsThatAreNoneAreRefused(int offset) {
        directory(DOT, DOTS, file("a"));
        image.bytes.set(Fields.U16, block(TinyImage.DIRECTORY) + 8, (short) offset);
        refused("directory 32 at 5120, block 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 35, 41, 0xFFFF})
    void laterNameOffsetsOutsideOfTheBlockOrDescendingAreRefused(int offset) {
        directory(DOT, DOTS, file("a"));
        image.bytes.set(Fields.U16, block(TinyImage.DIRECTORY) + Dirents.ENTRY_SIZE + 8, (short) offset);
        refused("directory 32 at 5120, block 0");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 11, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, 5000})
    void sizeThatNoDirectoryCanHaveIsRefused(long size) {
        image.bytes.set(Fields.U64, TinyImage.offset(TinyImage.DIRECTORY) + 8, size);
        refused("");
    }

    /** The directory is, with these entries if there are any, refused; the image and its other files are not. */
    private void refused(String reason, Name... names) {
        if (names.length > 0) {
            directory(names);
        }
        RafsMetadata metadata;
        try {
            metadata = image.open();
            metadata.fileSize(TinyImage.FILE);
        } catch (IOException e) {
            throw new AssertionError("the image itself was refused", e);
        }
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> HostileInodesTest.names(metadata, TinyImage.DIRECTORY))
                .withMessageContaining(reason);
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> metadata.child(TinyImage.DIRECTORY, name("a")))
                .withMessageContaining(reason);
    }

    private static MemorySegment name(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void root(Name last) {
        Name[] names = TinyImage.rootNames();
        names[4] = last;
        image.directory(TinyImage.ROOT, names);
    }

    private static long block(int nid) {
        return TinyImage.offset(nid) + Inode.EXTENDED_SIZE;
    }

    private static Name file(String name) {
        return new Name(name, TinyImage.FILE, Attributes.REGULAR);
    }

    private void directory(Name... names) {
        image.directory(TinyImage.DIRECTORY, names);
    }
}
