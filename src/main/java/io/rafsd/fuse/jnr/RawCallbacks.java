package io.rafsd.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.annotations.Delegate;
import jnr.ffi.types.size_t;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * Puts callbacks into libfuse's table that take paths as pointers. jnr-fuse's own take them as text, which turns different
 * names that are no UTF-8 into one; as bytes every name is itself.
 */
final class RawCallbacks {

    private final FuseOperations table;
    /** The table holds bare addresses: what they point to must be kept from the collector. */
    private final List<Object> kept = new ArrayList<>();

    RawCallbacks(FuseOperations table) {
        this.table = table;
    }

    /** {@code getattr(path, stat)}, {@code open(path, info)}, {@code opendir(path, info)}. */
    public interface OfPath {
        @Delegate
        int call(Pointer path, Pointer result);
    }

    /** {@code readlink(path, buffer, size)}, {@code listxattr(path, list, size)}. */
    public interface OfPathSized {
        @Delegate
        int call(Pointer path, Pointer result, @size_t long size);
    }

    /** {@code getxattr(path, name, value, size)}. */
    public interface OfPathAndName {
        @Delegate
        int call(Pointer path, Pointer name, Pointer result, @size_t long size);
    }

    void getattr(OfPath callback) {
        put(table.getattr.offset(), OfPath.class, callback);
    }

    void open(OfPath callback) {
        put(table.open.offset(), OfPath.class, callback);
    }

    void opendir(OfPath callback) {
        put(table.opendir.offset(), OfPath.class, callback);
    }

    void readlink(OfPathSized callback) {
        put(table.readlink.offset(), OfPathSized.class, callback);
    }

    void listxattr(OfPathSized callback) {
        put(table.listxattr.offset(), OfPathSized.class, callback);
    }

    void getxattr(OfPathAndName callback) {
        put(table.getxattr.offset(), OfPathAndName.class, callback);
    }

    private <T> void put(long offset, Class<T> type, T callback) {
        Pointer function = Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback);
        Struct.getMemory(table).putPointer(offset, function);
        kept.add(callback);
        kept.add(function);
    }

    /** The bytes of a C string, without its NUL. */
    static byte[] bytes(Pointer text) {
        byte[] bytes = new byte[text.indexOf(0, (byte) 0)];
        text.get(0, bytes, 0, bytes.length);
        return bytes;
    }
}
