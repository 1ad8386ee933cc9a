package io.rafsd.builder;

import io.rafsd.rafs.layout.Xattr;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How a layer says what it hides of the layers below it. */
public enum Whiteouts {
    /**
     * Files whose names begin with {@code .wh.}
     *
     * @see <a href="https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts">OCI layers</a>
     */
    OCI,
    /**
     * Character devices 0/0, and directories marked opaque by an extended attribute.
     *
     * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</a>
     */
    OVERLAYFS,
    /** A layer hides nothing; whatever looks like a whiteout is an ordinary file. */
    NONE;

    private static final String PREFIX = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String OPAQUE_ATTRIBUTE = "trusted.overlay.opaque";
    private static final int CHARACTER_DEVICE = 0x2000;

    /** The name that an entry hides, or null if it hides none. */
    byte @Nullable [] hiddenBy(Entry entry) {
        return switch (this) {
            case OCI -> {
                String name = latin(entry.name());
                yield name.startsWith(PREFIX) && !name.equals(OPAQUE)
                        ? name.substring(PREFIX.length()).getBytes(StandardCharsets.ISO_8859_1)
                        : null;
            }
            case OVERLAYFS ->
                entry.facts().type() == CHARACTER_DEVICE && entry.facts().deviceNumber() == 0 ? entry.name() : null;
            case NONE -> null;
        };
    }

    /** Whether an entry says that the directory it lies in hides all that lies below it. */
    boolean isOpaqueMark(Entry entry) {
        return this == OCI && latin(entry.name()).equals(OPAQUE);
    }

    /** Whether a directory says of itself that it hides all that lies below it. */
    boolean isOpaque(Entry directory) {
        return this == OVERLAYFS
                && directory.facts().isDirectory()
                && directory.xattrs().stream()
                        .anyMatch(xattr -> isOpaqueAttribute(xattr)
                                && new String(xattr.value().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1)
                                        .equals("y"));
    }

    /** The directory without the attribute that says it is opaque. */
    static Entry withoutOpaqueAttribute(Entry directory) {
        return directory.withXattrs(directory.xattrs().stream()
                .filter(xattr -> !isOpaqueAttribute(xattr))
                .toList());
    }

    private static boolean isOpaqueAttribute(Xattr xattr) {
        return new String(xattr.name().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1)
                .equals(OPAQUE_ATTRIBUTE);
    }

    private static String latin(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
