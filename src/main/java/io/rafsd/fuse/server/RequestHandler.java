package io.rafsd.fuse.server;

import io.rafsd.error.Errno;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.fuse.protocol.InitFlags;
import io.rafsd.fuse.protocol.Opcode;
import io.rafsd.fuse.protocol.Reply;
import io.rafsd.fuse.protocol.Request;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one worker: decodes, asks the filesystem, encodes into buffers of its own. A node's number is its
 * inode number, and the kernel's 1 is the root, so nothing is remembered between requests and a successor can serve the
 * numbers that the kernel holds. Confined to its worker, but for reads that were deferred.
 */
public final class RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);
    private static final long ROOT = 1;
    private static final int MAX_NAME = 255;
    private static final MemorySegment NOTHING = MemorySegment.NULL;

    private final FuseServer server;
    private final FileSystem fileSystem;
    private final FileSystemStats stats;
    private final ReplyChannel.Frame frame;
    private final Attributes attributes = new Attributes();
    private final MemorySegment out;
    private final WorkerReadReply readReply;
    private final DirectoryReply directory = new DirectoryReply();
    private final InFlightSlot slot;
    private long received;

    RequestHandler(FuseServer server, ReplyChannel channel) {
        this.server = server;
        this.fileSystem = server.fileSystem();
        this.stats = server.stats();
        this.frame = channel.newFrame();
        this.slot = server.newSlot();
        this.out = Arena.ofAuto().allocate(InitFacts.MAX_READ, 4096);
        this.readReply = new WorkerReadReply(server, channel, frame, out);
    }

    /** Answers one request. Nothing is thrown, whatever the bytes are. */
    public void handle(Request request) {
        received = System.nanoTime();
        int opcode = request.opcode();
        long unique = request.unique();
        if (opcode == Opcode.READ) {
            read(request, unique);
            slot.end();
            return;
        }
        Operation operation = operationOf(opcode);
        long ino = ino(request);
        FileSystemStats counted = counters(ino);
        stats.inFlight.increment();
        slot.begin(opcode, ino, System.currentTimeMillis(), unique);
        try {
            dispatch(request, opcode, unique);
        } catch (IOException e) {
            failed(operation, counted, ino, unique, e);
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("opcode", opcode).log("a request met a bug");
            counted.failed(operation, ino);
            frame.send(unique, Errno.EIO.number(), NOTHING, 0);
        } finally {
            slot.end();
            stats.inFlight.decrement();
            counted.answered(operation, ino, System.nanoTime() - received);
        }
    }

    /** Those of the mount, or of the daemon for what belongs to no mount. */
    private FileSystemStats counters(long ino) {
        FileSystemStats mount = fileSystem.stats(ino);
        return mount == null ? stats : mount;
    }

    private void dispatch(Request request, int opcode, long unique) throws IOException {
        switch (opcode) {
            case Opcode.LOOKUP -> lookup(request, unique);
            case Opcode.GETATTR -> {
                fileSystem.attributes(ino(request), attributes);
                Reply.attr(out, attributes);
                frame.send(unique, 0, out, Reply.ATTR_SIZE);
            }
            case Opcode.READLINK -> {
                MemorySegment target = fileSystem.readLink(ino(request));
                MemorySegment.copy(target, 0, out, 0, target.byteSize());
                frame.send(unique, 0, out, target.byteSize());
            }
            case Opcode.OPEN ->
                open(
                        unique,
                        InitFlags.NO_OPEN_SUPPORT,
                        fileSystem.bypassesPageCache(ino(request)) ? Reply.FOPEN_DIRECT_IO : Reply.FOPEN_KEEP_CACHE);
            case Opcode.OPENDIR ->
                // A listing that may change is asked for each time.
                open(
                        unique,
                        InitFlags.NO_OPENDIR_SUPPORT,
                        fileSystem.remembersAbsence(ino(request)) ? Reply.FOPEN_CACHE_DIR | Reply.FOPEN_KEEP_CACHE : 0);
            case Opcode.READDIR -> directory.read(request, unique, false);
            case Opcode.READDIRPLUS -> directory.read(request, unique, true);
            case Opcode.RELEASE, Opcode.RELEASEDIR, Opcode.DESTROY -> frame.send(unique, 0, NOTHING, 0);
            case Opcode.STATFS -> {
                Reply.statFs(out, fileSystem.statFs());
                frame.send(unique, 0, out, Reply.STATFS_SIZE);
            }
            case Opcode.GETXATTR -> getXattr(request, unique);
            case Opcode.LISTXATTR -> listXattr(request, unique);
            case Opcode.INIT -> init(request, unique);
            case Opcode.FORGET, Opcode.BATCH_FORGET, Opcode.INTERRUPT -> {
                // Never answered: nodes are not counted, and a read that nobody wants any more ends by itself.
            }
            case Opcode.SETATTR,
                    Opcode.SYMLINK,
                    Opcode.MKNOD,
                    Opcode.MKDIR,
                    Opcode.UNLINK,
                    Opcode.RMDIR,
                    Opcode.RENAME,
                    Opcode.RENAME2,
                    Opcode.LINK,
                    Opcode.WRITE,
                    Opcode.SETXATTR,
                    Opcode.REMOVEXATTR,
                    Opcode.CREATE,
                    Opcode.FALLOCATE -> frame.send(unique, Errno.EROFS.number(), NOTHING, 0);
            // The kernel remembers this answer for most operations and does not ask again.
            default -> frame.send(unique, Errno.ENOSYS.number(), NOTHING, 0);
        }
    }

    private void read(Request request, long unique) {
        stats.inFlight.increment();
        int size = Math.clamp(Integer.toUnsignedLong(request.int32(16)), 0, InitFacts.MAX_READ);
        long ino = ino(request);
        slot.begin(Opcode.READ, ino, System.currentTimeMillis(), unique);
        readReply.begin(unique, received, size, ino, counters(ino));
        try {
            fileSystem.read(ino, request.int64(8), size, readReply);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("a read met a bug");
            readReply.failUnlessAnswered();
        }
    }

    private void lookup(Request request, long unique) throws IOException {
        MemorySegment name = request.name(0);
        if (name == null || name.byteSize() == 0) {
            throw new PosixError(Errno.EINVAL, "a look-up without a name");
        }
        if (name.byteSize() > MAX_NAME) {
            throw new PosixError(Errno.ENAMETOOLONG, "a name of " + name.byteSize() + " bytes");
        }
        long parent = ino(request);
        if (fileSystem.lookup(parent, name, attributes)) {
            Reply.entry(out, 0, nodeId(attributes.ino), attributes);
            frame.send(unique, 0, out, Reply.ENTRY_SIZE);
        } else if (fileSystem.remembersAbsence(parent)) {
            Reply.absence(out, 0);
            frame.send(unique, 0, out, Reply.ENTRY_SIZE);
        } else {
            frame.send(unique, Errno.ENOENT.number(), NOTHING, 0);
        }
    }

    private void open(long unique, long unneeded, int flags) {
        InitFacts facts = server.facts();
        if (server.isNoOpen() && facts != null && facts.has(unneeded)) {
            frame.send(unique, Errno.ENOSYS.number(), NOTHING, 0);
            return;
        }
        Reply.open(out, flags);
        frame.send(unique, 0, out, Reply.OPEN_SIZE);
    }

    private void getXattr(Request request, long unique) throws IOException {
        if (!fileSystem.hasExtendedAttributes()) {
            frame.send(unique, Errno.ENOSYS.number(), NOTHING, 0);
            return;
        }
        MemorySegment name = request.name(8);
        MemorySegment value = name == null ? null : fileSystem.extendedAttribute(ino(request), name);
        if (value == null) {
            frame.send(unique, Errno.ENODATA.number(), NOTHING, 0);
            return;
        }
        sized(request, unique, value);
    }

    /** Also where there are none: a list that is refused is not the same to its reader as an empty one. */
    private void listXattr(Request request, long unique) throws IOException {
        sized(request, unique, MemorySegment.ofArray(fileSystem.extendedAttributeNames(ino(request))));
    }

    /** Answers with the length alone if the caller has no room yet, and with ERANGE if too little. */
    private void sized(Request request, long unique, MemorySegment value) {
        long room = Integer.toUnsignedLong(request.int32(0));
        if (room == 0) {
            Reply.xattrSize(out, (int) value.byteSize());
            frame.send(unique, 0, out, Reply.XATTR_SIZE_SIZE);
        } else if (room < value.byteSize()) {
            frame.send(unique, Errno.ERANGE.number(), NOTHING, 0);
        } else {
            MemorySegment.copy(value, 0, out, 0, value.byteSize());
            frame.send(unique, 0, out, value.byteSize());
        }
    }

    private void init(Request request, long unique) {
        long flags = Integer.toUnsignedLong(request.int32(12));
        if ((flags & InitFlags.INIT_EXT) != 0) {
            flags |= (long) request.int32(16) << 32;
        }
        InitFacts facts = InitFacts.negotiate(request.int32(4), flags, request.int32(8), server.isNoOpen());
        Reply.init(out, facts);
        frame.send(unique, 0, out, Reply.INIT_SIZE);
        server.initialise(facts);
    }

    private void failed(Operation operation, FileSystemStats counted, long ino, long unique, IOException failure) {
        Errno errno = Errnos.of(failure);
        if (errno == Errno.EIO) {
            counted.failed(operation, ino);
            log.atError().addKeyValue("operation", operation).log("{}", failure.getMessage());
        }
        frame.send(unique, errno.number(), NOTHING, 0);
    }

    private long ino(Request request) {
        long nodeId = request.nodeId();
        return nodeId == ROOT ? fileSystem.rootIno() : fileSystem.inodeOf(nodeId);
    }

    private long nodeId(long ino) throws InvalidImage {
        long root = fileSystem.rootIno();
        if (ino == root) {
            return ROOT;
        }
        long node = fileSystem.nodeOf(ino);
        if (node == ROOT || node == 0) {
            throw new InvalidImage("inode number " + ino + " cannot be shown: the kernel keeps it for itself");
        }
        return node;
    }

    private static Operation operationOf(int opcode) {
        return switch (opcode) {
            case Opcode.LOOKUP -> Operation.LOOKUP;
            case Opcode.GETATTR -> Operation.GETATTR;
            case Opcode.READLINK -> Operation.READLINK;
            case Opcode.OPEN, Opcode.OPENDIR -> Operation.OPEN;
            case Opcode.READ -> Operation.READ;
            case Opcode.READDIR -> Operation.READDIR;
            case Opcode.READDIRPLUS -> Operation.READDIRPLUS;
            case Opcode.GETXATTR -> Operation.GETXATTR;
            case Opcode.LISTXATTR -> Operation.LISTXATTR;
            case Opcode.STATFS -> Operation.STATFS;
            default -> Operation.OTHER;
        };
    }

    /** Packs directory entries, with their attributes if the kernel asked for them. */
    private final class DirectoryReply implements DirectorySink {

        private final Attributes entry = new Attributes();
        private boolean plus;
        private long filled;
        private long room;

        void read(Request request, long unique, boolean withAttributes) throws IOException {
            plus = withAttributes;
            filled = 0;
            room = Math.min(Integer.toUnsignedLong(request.int32(16)), out.byteSize());
            fileSystem.readDirectory(ino(request), request.int64(8), this);
            frame.send(unique, 0, out, filled);
        }

        @Override
        public boolean entry(MemorySegment name, long ino, int type, long nextCookie) throws IOException {
            int size = Reply.direntSize((int) name.byteSize()) + (plus ? Reply.ENTRY_SIZE : 0);
            if (filled + size > room) {
                return false;
            }
            if (plus) {
                attributesOf(name, ino);
                filled += Reply.ENTRY_SIZE;
            }
            filled += Reply.dirent(out, filled, ino, nextCookie, type, name);
            return true;
        }

        /** The kernel takes no reference to the two dots: their node is 0. */
        private void attributesOf(MemorySegment name, long ino) throws IOException {
            if (isDots(name)) {
                out.asSlice(filled, Reply.ENTRY_SIZE).fill((byte) 0);
            } else {
                fileSystem.attributes(ino, entry);
                Reply.entry(out, filled, nodeId(ino), entry);
            }
        }

        private boolean isDots(MemorySegment name) {
            long length = name.byteSize();
            return length <= 2
                    && name.get(ValueLayout.JAVA_BYTE, 0) == '.'
                    && name.get(ValueLayout.JAVA_BYTE, length - 1) == '.';
        }
    }
}
