package io.rafsd.builder;

import io.rafsd.linux.FileStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What all names of one file share: its content, and which of them stands for it. */
final class FileData {

    private static final Chunk[] NO_CHUNKS = {};

    private final @Nullable FileStatus source;
    private Chunk[] chunks = NO_CHUNKS;
    private @Nullable Entry first;
    private int names;
    private @Nullable List<LayerPlace> places;

    /** @param source what the scan of a directory saw; null if the content is not read from a directory */
    FileData(@Nullable FileStatus source) {
        this.source = source;
    }

    /** What the scan saw of the file that is still to be read, or null. */
    @Nullable
    FileStatus source() {
        return source;
    }

    /** The content, once it is stored. */
    Chunk[] chunks() {
        return chunks;
    }

    void hold(Chunk[] stored) {
        chunks = stored;
    }

    /** Where the next chunk lies in a layer that stays as it is. */
    void addPlace(LayerPlace place) {
        if (places == null) {
            places = new ArrayList<>();
        }
        places.add(place);
    }

    /** Where a chunk lies in the layer, once. */
    LayerPlace takePlace(int chunk) {
        List<LayerPlace> all = Objects.requireNonNull(places);
        LayerPlace place = all.get(chunk);
        if (chunk == all.size() - 1) {
            places = null;
        }
        return place;
    }

    /** Counts a name, in the image's order. */
    void addName(Entry name) {
        if (first == null) {
            first = name;
        }
        names++;
    }

    /** The first name in the image's order; {@code other} if none has been counted. */
    Entry firstOr(Entry other) {
        return first == null ? other : first;
    }

    int names() {
        return names;
    }
}
