package io.rafsd.app.cli.image;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.InvalidRequest;
import io.rafsd.filesystem.Attributes;
import io.rafsd.image.local.ImageWalk;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers what nydus-image's inspect is asked: to people in lines, to programs that ask for {@code stats}, {@code blobs} or
 * {@code prefetch} in JSON. For one thread.
 */
final class Inspector {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String NOTHING = "null";
    private static final String HELP = """
            stats               what the superblock says
            ls                  names in this directory
            cd DIR              go to a directory: a name, a path, .. or /
            stat NAME           all about a file, chunks included
            blobs               the blob table
            prefetch            the prefetch table
            chunk OFFSET        files with the chunk at this offset of a blob
            icheck INODE        paths of an inode, and all about it
            exit                leave""";

    private final RafsMetadata metadata;
    private final PrintStream out;
    private final boolean json;
    private String directory = "/";

    Inspector(RafsMetadata metadata, PrintStream out, boolean json) {
        this.metadata = metadata;
        this.out = out;
        this.json = json;
    }

    /**
     * Does one command.
     *
     * @return JSON for programs; {@code null} where everything has been printed
     * @throws InvalidRequest if there is no such command or file
     */
    String answer(String line) throws IOException {
        String[] words = line.strip().split("\\s+", 2);
        String argument = words.length > 1 ? words[1] : "";
        return switch (words[0]) {
            case "" -> NOTHING;
            case "help" -> json ? refuse("help is not supported in inspect request mode") : HELP;
            case "stats" -> stats();
            case "ls" -> list();
            case "cd" -> change(argument);
            case "stat" -> stat(argument);
            case "blobs" -> blobs();
            case "prefetch" -> prefetch();
            case "chunk" -> chunk(number("chunk", argument));
            case "icheck" -> inode(number("icheck", argument));
            default -> refuse("Unsupported command: " + words[0] + "\n" + HELP);
        };
    }

    private static String refuse(String text) throws InvalidRequest {
        throw new InvalidRequest(text);
    }

    private static long number(String command, String text) throws InvalidRequest {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new InvalidRequest(command + " '" + text + "': invalid arguments, it takes a number", e);
        }
    }

    private String stats() {
        if (json) {
            return MAPPER.createObjectNode()
                    .put("inodes_count", metadata.inodeCount())
                    .toString();
        }
        row("Version:", metadata.version());
        row("Inodes Count:", metadata.inodeCount());
        row("Chunk Size:", metadata.chunkSize() / 1024 + "KB");
        row("Root Inode:", metadata.rootIno());
        row("Flags:", "0x" + Long.toHexString(metadata.flags()));
        row("Compressor:", ImageFlags.compressor(metadata).name().toLowerCase(Locale.ROOT));
        row("Blobs:", metadata.blobs().size());
        row("Prefetch entries:", metadata.prefetchInodes().size());
        return NOTHING;
    }

    private String list() throws IOException {
        for (ImageWalk.Visited entry : ImageWalk.children(metadata, find(directory))) {
            out.printf("%s    %-8d \"%s\"%n", sign(entry.attributes()), entry.attributes().ino, text(entry.name()));
        }
        return NOTHING;
    }

    private String change(String name) throws IOException {
        String path = resolve(name);
        ImageWalk.Visited found = find(path);
        if (!found.attributes().isDirectory()) {
            throw new InvalidRequest(name + " is not a directory");
        }
        directory = path;
        return NOTHING;
    }

    private String stat(String name) throws IOException {
        ImageWalk.Visited entry = find(resolve(name));
        print(entry);
        if (entry.attributes().isRegular()) {
            out.println("  Chunk list:");
            long ino = entry.attributes().ino;
            long size = metadata.fileSize(ino);
            for (long i = 0; i * metadata.chunkSize() < size; i++) {
                out.println("        " + i + " ->");
                out.println("        file offset: " + i * metadata.chunkSize() + ", " + describe(ino, i));
            }
        }
        return NOTHING;
    }

    private String describe(long ino, long position) throws IOException {
        int packed = metadata.chunk(ino, position);
        BlobInfo blob = metadata.blobs().get(RafsMetadata.blobOf(packed));
        ChunkRecord record = metadata.chunkRecord(ino, position);
        String place = record == null
                ? "uncompressed offset: " + metadata.chunkOffset(ino, position)
                : "compressed size: " + record.compressedSize() + ", decompressed size: "
                        + record.uncompressedSize() + "\n        compressed offset: " + record.compressedOffset()
                        + ", decompressed offset: " + record.uncompressedOffset() + "\n        chunk id: "
                        + record.digest();
        return "chunk index: " + RafsMetadata.indexOf(packed) + "\n        " + place + "\n        blob id: "
                + blob.id();
    }

    private String blobs() {
        if (json) {
            ArrayNode array = MAPPER.createArrayNode();
            for (BlobInfo blob : metadata.blobs()) {
                array.addObject()
                        .put("blob_id", blob.id().value())
                        .put("readahead_offset", 0)
                        .put("readahead_size", 0)
                        .put("decompressed_size", blob.uncompressedSize())
                        .put("compressed_size", blob.compressedSize());
            }
            return array.toString();
        }
        for (BlobInfo blob : metadata.blobs()) {
            row("Blob Index:", blob.index());
            row("Blob ID:", blob.id());
            row("Blob Size:", blob.compressedSize());
            row("Uncompressed Data Size:", blob.uncompressedSize());
            row("Features:", "0x" + Integer.toHexString(blob.features()));
            row("Compressor:", blob.compressor().name().toLowerCase(Locale.ROOT));
            row("Digester:", blob.digester().name().toLowerCase(Locale.ROOT));
            row("Cipher:", blob.cipher() == null ? "none" : "aes-128-xts");
            row("Chunk Size:", "0x" + Integer.toHexString(blob.chunkSize()));
            row("Chunk Count:", blob.chunkCount());
            row("Meta Compressor:", blob.chunkTable().compressor().name().toLowerCase(Locale.ROOT));
            row("Meta Offset:", blob.chunkTable().offset());
            row("Meta Compressed Size:", blob.chunkTable().compressedSize());
            row("Meta Uncompressed Size:", blob.chunkTable().uncompressedSize());
            row("ToC Digest:", blob.tocDigest() == null ? "" : blob.tocDigest());
            row("ToC Size:", blob.tocSize());
            out.println();
        }
        return NOTHING;
    }

    private String prefetch() throws IOException {
        ArrayNode array = MAPPER.createArrayNode();
        if (!json) {
            out.println("Total Prefetching Files: " + metadata.prefetchInodes().size());
        }
        Map<Long, List<String>> names = new HashMap<>();
        metadata.prefetchInodes().forEach(ino -> names.put(ino, new ArrayList<>()));
        ImageWalk.walk(metadata, entry -> {
            List<String> paths = names.get(entry.attributes().ino);
            if (paths != null) {
                paths.add(text(entry.path()));
            }
        });
        for (long ino : metadata.prefetchInodes()) {
            List<String> paths = names.getOrDefault(ino, List.of());
            if (json) {
                ObjectNode node = array.addObject().put("inode", ino);
                ArrayNode list = node.putArray("path");
                paths.forEach(list::add);
            } else {
                out.printf("Inode Number:%10d | Path: %s%n", ino, String.join(" ", paths));
            }
        }
        return json ? array.toString() : NOTHING;
    }

    private String chunk(long offset) throws IOException {
        ImageWalk.walk(metadata, entry -> {
            if (!entry.attributes().isRegular()) {
                return;
            }
            long ino = entry.attributes().ino;
            long size = metadata.fileSize(ino);
            for (long i = 0; i * metadata.chunkSize() < size; i++) {
                ChunkRecord record = metadata.chunkRecord(ino, i);
                if (record != null && record.compressedOffset() == offset) {
                    out.println("File: " + text(entry.path()) + ", " + describe(ino, i));
                }
            }
        });
        return NOTHING;
    }

    private String inode(long ino) throws IOException {
        for (ImageWalk.Visited entry : named(ino)) {
            out.println(text(entry.path()));
            print(entry);
        }
        return NOTHING;
    }

    private void print(ImageWalk.Visited entry) {
        Attributes a = entry.attributes();
        out.println();
        row("Inode Number:", a.ino);
        row("Name:", '"' + text(entry.name()) + '"');
        row("Size:", a.size);
        row("Parent:", entry.parent());
        row("Mode:", String.format("0x%X", a.mode));
        row("Permissions:", Integer.toOctalString(a.mode));
        row("Nlink:", a.nlink);
        row("UID:", Integer.toUnsignedString(a.uid));
        row("GID:", Integer.toUnsignedString(a.gid));
        row("Mtime:", a.mtimeSeconds);
        row("MtimeNsec:", a.mtimeNanos);
        row("Blocks:", a.blocks);
    }

    private void row(String label, Object value) {
        out.printf("%-24s%s%n", label, value);
    }

    private static String sign(Attributes a) {
        return switch (a.mode & Attributes.TYPE_MASK) {
            case Attributes.REGULAR -> "-";
            case Attributes.DIRECTORY -> "d";
            case Attributes.SYMLINK -> "l";
            default -> " ";
        };
    }

    /** The path that a name means in the directory where the shell is. */
    private String resolve(String name) {
        List<String> steps = new ArrayList<>();
        String latin = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        for (String step : (latin.startsWith("/") ? latin : directory + "/" + latin).split("/", -1)) {
            if (step.equals("..")) {
                if (!steps.isEmpty()) {
                    steps.removeLast();
                }
            } else if (!step.isEmpty() && !step.equals(".")) {
                steps.add(step);
            }
        }
        return "/" + String.join("/", steps);
    }

    private ImageWalk.Visited find(String path) throws IOException {
        ImageWalk.Visited found = ImageWalk.find(metadata, path);
        if (found == null) {
            throw new InvalidRequest(text(path) + " is not in the image");
        }
        return found;
    }

    private List<ImageWalk.Visited> named(long ino) throws IOException {
        List<ImageWalk.Visited> found = new ArrayList<>();
        ImageWalk.walk(metadata, entry -> {
            if (entry.attributes().ino == ino) {
                found.add(entry);
            }
        });
        return found;
    }

    private static String text(String latin) {
        return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
