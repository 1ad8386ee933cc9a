package io.rafsd.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BLAKE3 by the C library of its authors, where this machine has one: {@code libblake3} in {@code lib} of the distribution
 * or where the system's linker looks. Used only after it has given our own digests for many inputs.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3/tree/master/c">BLAKE3, the C interface</a>
 */
final class NativeBlake3 {

    /** {@code java} keeps the library out. */
    static final String SWITCH = "rafsd.blake3";

    private static final Logger log = LoggerFactory.getLogger(NativeBlake3.class);
    private static final List<String> NAMES = List.of("libblake3.so.0", "libblake3.so");
    /** The major version whose interface this is; its hasher takes 1912 bytes. */
    private static final String VERSION = "1.";

    private static final long HASHER_BYTES = 4096;
    private static final int NOISE = 300_000;

    private final MethodHandle init;
    private final MethodHandle update;
    private final MethodHandle finish;

    private NativeBlake3(SymbolLookup library) {
        this.init = bind(library, "blake3_hasher_init", FunctionDescriptor.ofVoid(ADDRESS));
        this.update = bind(library, "blake3_hasher_update", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
        this.finish = bind(library, "blake3_hasher_finalize", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
    }

    private static MethodHandle bind(SymbolLookup library, String name, FunctionDescriptor signature) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), signature);
    }

    /** Hashers of the library; null if there is none, it is kept out, or is not to be trusted. */
    static @Nullable FastHashers find() {
        if ("java".equals(System.getProperty(SWITCH))) {
            return null;
        }
        String home = System.getProperty("rafsd.home", "");
        Stream<String> beside = NAMES.stream()
                .map(name -> Path.of(home, "lib", name).toString())
                .filter(file -> !home.isEmpty() && Files.exists(Path.of(file)));
        return Stream.concat(beside, NAMES.stream())
                .<FastHashers>mapMulti((name, found) -> {
                    FastHashers hashers = load(name);
                    if (hashers != null) {
                        found.accept(hashers);
                    }
                })
                .findFirst()
                .orElse(null);
    }

    /** Hashers of the library of this name or path, or null. */
    static @Nullable FastHashers load(String name) {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            return null;
        }
        try {
            String version = version(library);
            if (!version.startsWith(VERSION)) {
                log.atWarn()
                        .addKeyValue("library", name)
                        .addKeyValue("version", version)
                        .log("BLAKE3 stays ours: this library is of a version that is not known");
                return null;
            }
            NativeBlake3 functions = new NativeBlake3(library);
            if (!agrees(functions.new Hasher(), new Blake3Tree(new ScalarKernel()))) {
                log.atError()
                        .addKeyValue("library", name)
                        .addKeyValue("version", version)
                        .log("BLAKE3 stays ours: this library gives wrong digests");
                return null;
            }
            log.atInfo()
                    .addKeyValue("library", name)
                    .addKeyValue("version", version)
                    .log("BLAKE3 by a native library");
            return new FastHashers(new Pool<>(() -> functions.new Hasher()), 0);
        } catch (RuntimeException | LinkageError e) {
            log.atWarn()
                    .addKeyValue("library", name)
                    .addKeyValue("found", e.toString())
                    .log("BLAKE3 stays ours: this library cannot be used");
            return null;
        }
    }

    private static String version(SymbolLookup library) {
        try {
            MemorySegment text = (MemorySegment) bind(library, "blake3_version", FunctionDescriptor.of(ADDRESS))
                    .invokeExact();
            return text.reinterpret(64).getString(0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether two hashers agree on inputs of all shapes of the tree. */
    static boolean agrees(Blake3Hasher one, Blake3Hasher other) {
        byte[] bytes = new byte[NOISE];
        new SplittableRandom(NOISE).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment noise = arena.allocate(NOISE).copyFrom(MemorySegment.ofArray(bytes));
            for (int size = 0; size < NOISE; size += 1 + size / 3) {
                MemorySegment input = noise.asSlice(size % 7 % (NOISE - size), size);
                if (!one.digest(input).equals(other.digest(input))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The library's own state, and room for its answer. */
    private final class Hasher implements Blake3Hasher {

        private final MemorySegment state = Arena.ofAuto().allocate(HASHER_BYTES, 64);
        private final MemorySegment answer = Arena.ofAuto().allocate(Digest.SIZE, 8);

        @Override
        public Digest digest(MemorySegment data) {
            if (!data.isNative()) {
                try (Arena arena = Arena.ofConfined()) {
                    return digest(arena.allocate(data.byteSize()).copyFrom(data));
                }
            }
            try {
                init.invokeExact(state);
                update.invokeExact(state, data, data.byteSize());
                finish.invokeExact(state, answer, (long) Digest.SIZE);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return Digest.at(answer, 0);
        }
    }
}
