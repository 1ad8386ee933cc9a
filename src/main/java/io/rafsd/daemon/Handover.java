package io.rafsd.daemon;

import io.rafsd.error.InvalidRequest;
import io.rafsd.filesystem.vfs.Layout;
import io.rafsd.fuse.FuseConnection;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.upgrade.SavedState;
import io.rafsd.upgrade.SavedState.Negotiated;
import io.rafsd.upgrade.SavedState.SavedDirectory;
import io.rafsd.upgrade.SavedState.SavedMount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns what a daemon serves into what it leaves, and back.
 *
 * @param mounts of the daemon
 * @param script knows configurations
 */
record Handover(MountManager mounts, MountScript script) {

    /** What a successor needs, but for the descriptor. */
    SavedState write(FuseConnection connection) throws IOException {
        Map<String, MountInfo> infos = new HashMap<>();
        mounts.mounts().forEach(info -> infos.put(info.place(), info));
        Layout layout = mounts.layout();
        List<SavedMount> saved = new ArrayList<>();
        for (Layout.Place place : layout.mounts()) {
            MountInfo info = infos.get(place.path());
            if (info == null) {
                throw new InvalidRequest("the mounts changed while their state was saved; save it again");
            }
            saved.add(script.write(info, place.index(), place.generation()));
        }
        return new SavedState(
                List.copyOf(saved),
                new Negotiated(connection.offered(), connection.agreed(), connection.noOpen()),
                layout.directories().stream()
                        .map(one -> new SavedDirectory(one.ino(), one.parent(), one.name()))
                        .toList(),
                layout.nextDirectory(),
                layout.nextIndex(),
                connection.id());
    }

    /** Mounts what a predecessor left, by its numbers. */
    void read(SavedState state) throws IOException {
        Map<String, MountSpec> specs = new HashMap<>();
        List<Layout.Place> places = new ArrayList<>();
        for (SavedMount saved : state.mounts()) {
            MountScript.Reading reading = script.read(saved);
            specs.put(saved.path(), reading.spec());
            places.add(new Layout.Place(saved.path(), saved.index(), reading.generation()));
        }
        List<Layout.PseudoDirectory> directories = state.directories().stream()
                .map(one -> new Layout.PseudoDirectory(one.ino(), one.parent(), one.name()))
                .toList();
        mounts.restore(new Layout(places, directories, state.nextDirectory(), state.nextIndex()), specs);
    }
}
