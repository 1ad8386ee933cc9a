package io.rafsd.testing;

import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Makes odd directory trees from a seed: deep and wide, with raw names, hard links, holes, repeated content, sizes around
 * chunk boundaries, and, as far as the machine lets us, devices, sockets and extended attributes. The same seed gives the
 * same tree.
 */
public final class RandomTree {

    private static final int[] SIZES = {0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 131072, 1048575, 1048577};
    private static final int[] TARGET_SIZES = {1, 2, 59, 100, 3000, 3967, 3968, 4000, 4031, 4032, 4033, 4094, 4095};
    private static final int FIFO = 0x1000;
    private static final int CHARACTER_DEVICE = 0x2000;
    private static final int BLOCK_DEVICE = 0x6000;
    private static final int SOCKET = 0xC000;
    /** user::rw-, user:1:r--, group::r--, mask::r--, other::r-- as the kernel stores it. */
    private static final byte[] ACL = HexFormat.of()
            .parseHex("02000000" + "01000600ffffffff" + "0200040001000000" + "04000400ffffffff" + "10000400ffffffff"
                    + "20000400ffffffff");

    private static final String ODD = "!-.\n\\ \u0001\u00e9\u00ff~zA";

    private final Random random;
    private final List<RawPath> directories = new ArrayList<>();
    private final List<RawPath> files = new ArrayList<>();
    private final List<RawPath> others = new ArrayList<>();
    private int named;

    private RandomTree(long seed) {
        this.random = new Random(seed);
    }

    /** Fills {@code root}, an empty directory, with a tree of a few megabytes. */
    public static void create(Path root, long seed) throws IOException {
        new RandomTree(seed).fill(RawPath.of(root));
    }

    private void fill(RawPath root) throws IOException {
        makeDirectories(root);
        makeFiles();
        makeOthers();
        makeWideDirectory(root);
        files.forEach(this::decorate);
        others.forEach(this::decorate);
        // Deepest last made, first finished: what is made in a directory changes its time.
        directories.reversed().forEach(this::decorate);
    }

    private void makeDirectories(RawPath root) {
        directories.add(root);
        for (int i = 0; i < 12; i++) {
            directories.add(made(anyDirectory(), Posix::mkdir));
        }
        RawPath deep = root;
        for (int i = 0; i < 15; i++) {
            deep = made(deep, Posix::mkdir);
            directories.add(deep);
        }
    }

    private void makeFiles() throws IOException {
        byte[] shared = bytes(150_000);
        for (int size : SIZES) {
            file(bytes(size), 0, size);
        }
        for (int i = 0; i < 15; i++) {
            int size = SIZES[random.nextInt(8)] + random.nextInt(3);
            file(bytes(size), 0, size);
        }
        for (int i = 0; i < 4; i++) {
            file(shared, 0, shared.length);
        }
        file(new byte[0], 0, 1_100_000);
        file(bytes(10), 700_000, 800_000);
        for (int i = 0; i < 12; i++) {
            RawPath existing = files.get(random.nextInt(files.size()));
            made(anyDirectory(), path -> Posix.link(existing, path));
        }
    }

    private void makeOthers() {
        for (int size : TARGET_SIZES) {
            byte[] target = new byte[size];
            for (int i = 0; i < size; i++) {
                target[i] = (byte) (1 + random.nextInt(255));
            }
            others.add(made(anyDirectory(), path -> Posix.symlink(target, path)));
        }
        others.add(made(anyDirectory(), path -> Posix.mknod(path, FIFO | 0600, 0)));
        others.add(made(anyDirectory(), path -> Posix.mknod(path, SOCKET | 0600, 0)));
        // Only root may, and not in every container.
        for (long device : new long[] {0x0103, 0xFFFF, 0x1234_5678L}) {
            RawPath path = anyDirectory().resolve(name());
            if (Posix.mknod(path, (random.nextBoolean() ? CHARACTER_DEVICE : BLOCK_DEVICE) | 0600, device)) {
                others.add(path);
            }
        }
    }

    private void makeWideDirectory(RawPath root) throws IOException {
        RawPath wide = made(root, Posix::mkdir);
        for (int i = 0; i < 400; i++) {
            byte[] name =
                    (i + "-" + "w".repeat(random.nextInt(1 + random.nextInt(240)))).getBytes(StandardCharsets.US_ASCII);
            Posix.write(wide.resolve(name), new byte[0], 0, 0);
        }
        directories.add(wide);
    }

    private void file(byte[] content, long offset, long size) throws IOException {
        RawPath path = anyDirectory().resolve(name());
        Posix.write(path, content, offset, size);
        files.add(path);
    }

    private void decorate(RawPath path) {
        if (random.nextInt(3) == 0) {
            attribute(path, "user." + "n".repeat(1 + random.nextInt(200)), bytes(random.nextInt(300)));
            attribute(path, "user.empty", new byte[0]);
        }
        if (random.nextInt(5) == 0) {
            attribute(path, "trusted.t", bytes(random.nextInt(50)));
            attribute(path, "security.s", bytes(random.nextInt(50)));
            attribute(path, "system.posix_acl_access", ACL);
        }
        Posix.lchown(path, random.nextInt(70_000), random.nextInt(70_000));
        if (!others.contains(path)) {
            Posix.chmod(path, 0500 | random.nextInt(010000));
        }
        Posix.setModified(path, random.nextLong(4_000_000_000L), random.nextInt(1_000_000_000));
    }

    /** The file system may not keep such attributes, the kernel not let us set them: the tree is less odd then. */
    private static void attribute(RawPath path, String name, byte[] value) {
        Posix.setXattr(path, name.getBytes(StandardCharsets.US_ASCII), value);
    }

    @FunctionalInterface
    private interface Maker {
        boolean make(RawPath path);
    }

    private RawPath made(RawPath directory, Maker maker) {
        RawPath path = directory.resolve(name());
        if (!maker.make(path)) {
            throw new AssertionError("cannot make " + path);
        }
        return path;
    }

    private RawPath anyDirectory() {
        return directories.get(random.nextInt(directories.size()));
    }

    /** A name of any bytes a name may have, made unique by its end. */
    private byte[] name() {
        byte[] number = Integer.toString(named++).getBytes(StandardCharsets.US_ASCII);
        int length = random.nextInt(12) == 0 ? 255 : number.length + 1 + random.nextInt(20);
        byte[] name = new byte[length];
        boolean plain = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            name[i] = (byte) (plain ? 'a' + random.nextInt(26) : ODD.charAt(random.nextInt(ODD.length())));
        }
        System.arraycopy(number, 0, name, length - number.length, number.length);
        return name;
    }

    /** Half random, half easy to compress. */
    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (i >> random.nextInt(4));
            }
        }
        return bytes;
    }
}
