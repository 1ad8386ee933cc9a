package io.rafsd.image.local;

import io.rafsd.blob.BlobInfo;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Looks for what is wrong with an image: metadata as a whole, and the data of every chunk that a file uses. Goes on after
 * what is wrong, up to a number of problems.
 */
public final class ImageCheck {

    private static final int MAX_PROBLEMS = 100;

    private final LocalImage image;
    private final List<String> problems = new ArrayList<>();
    private final List<BitSet> checked = new ArrayList<>();
    private long files;
    private long chunks;
    private long bytes;

    private ImageCheck(LocalImage image) {
        this.image = image;
        image.metadata().blobs().forEach(_ -> checked.add(new BitSet()));
    }

    /**
     * What was found.
     *
     * @param problems each with its place; none if all is well
     * @param files regular files, each once
     * @param chunks whose data was checked
     * @param bytes of those chunks
     */
    public record Report(List<String> problems, long files, long chunks, long bytes) {}

    /** Hears how far the check is: bytes checked, and all there are about. */
    @FunctionalInterface
    public interface Progress {

        void checked(long bytes, long totalBytes);
    }

    /** Checks metadata alone. */
    public static Report metadata(LocalImage image) {
        return new ImageCheck(image).run(false, (_, _) -> {});
    }

    /** Checks metadata and data. */
    public static Report all(LocalImage image, Progress progress) {
        return new ImageCheck(image).run(true, progress);
    }

    private Report run(boolean data, Progress progress) {
        long total = image.metadata().blobs().stream()
                .mapToLong(BlobInfo::uncompressedSize)
                .sum();
        try {
            ImageWalk.walk(image.metadata(), entry -> {
                if (entry.attributes().isRegular()) {
                    checkFile(entry, data);
                    progress.checked(bytes, total);
                }
                image.metadata().extendedAttributeNames(entry.attributes().ino);
            });
        } catch (TooMany e) {
            problems.add("more than " + MAX_PROBLEMS + " problems; the rest was not checked");
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return new Report(List.copyOf(problems), files, chunks, bytes);
    }

    private void checkFile(ImageWalk.Visited entry, boolean data) throws IOException {
        RafsMetadata metadata = image.metadata();
        Attributes a = entry.attributes();
        files++;
        long size = metadata.fileSize(a.ino);
        for (long position = 0; position * metadata.chunkSize() < size; position++) {
            int packed = metadata.chunk(a.ino, position);
            int blob = RafsMetadata.blobOf(packed);
            int index = RafsMetadata.indexOf(packed);
            if (data && !checked.get(blob).get(index)) {
                checked.get(blob).set(index);
                checkChunk(entry.path(), blob, index);
            }
            if (data) {
                checkPlace(entry.path(), a.ino, position, size, blob, index);
            }
        }
    }

    private void checkChunk(String path, int blob, int index) throws IOException {
        try {
            bytes += image.chunk(blob, index).byteSize();
            chunks++;
            if (image.metadata().chunkDigests(blob).of(index) == null) {
                problem(path + ": chunk " + index + " of blob "
                        + image.metadata().blobs().get(blob).id()
                        + " has no digest in the image; nothing says whether its bytes are right");
            }
        } catch (TooMany e) {
            throw e;
        } catch (IOException e) {
            problem(path + ": " + e.getMessage());
        }
    }

    private void checkPlace(String path, long ino, long position, long size, int blob, int index) throws IOException {
        int chunkSize = image.metadata().chunkSize();
        long wanted = Math.min(chunkSize, size - position * chunkSize);
        try {
            long found = image.chunkTable(blob).uncompressedSize(index);
            long address = image.chunkTable(blob).uncompressedOffset(index);
            if (found != wanted) {
                problem(path + ", chunk " + position + ": has " + wanted + " bytes; chunk " + index + " of blob "
                        + image.metadata().blobs().get(blob).id() + " has " + found);
            }
            if (address != image.metadata().chunkOffset(ino, position)) {
                problem(path + ", chunk " + position + ": lies at "
                        + image.metadata().chunkOffset(ino, position) + " by the file, at " + address
                        + " by the blob's chunk table");
            }
        } catch (TooMany e) {
            throw e;
        } catch (IOException e) {
            problem(path + ": " + e.getMessage());
        }
    }

    private void problem(String text) throws TooMany {
        if (problems.contains(text)) {
            return;
        }
        if (problems.size() == MAX_PROBLEMS) {
            throw new TooMany();
        }
        problems.add(text);
    }

    /** Enough is known. */
    private static final class TooMany extends IOException {
        private static final long serialVersionUID = 1;
    }
}
