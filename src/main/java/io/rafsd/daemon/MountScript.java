package io.rafsd.daemon;

import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.upgrade.SavedState.SavedMount;
import java.io.IOException;

/** Writes mounts down for a successor, and reads them back; configurations are understood at the edge. */
public interface MountScript {

    /**
     * @param index by which the kernel knows the mount
     * @param generation of its inodes
     */
    SavedMount write(MountInfo mount, int index, long generation) throws IOException;

    Reading read(SavedMount saved) throws IOException;

    /**
     * What was written down.
     *
     * @param generation 0 where the predecessor knew none
     */
    record Reading(MountSpec spec, long generation) {}
}
