package io.rafsd.fuse.kernel;

import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.FuseTransportContract;
import io.rafsd.stats.FileSystemStats;

class KernelTransportIT extends FuseTransportContract {

    @Override
    protected FuseTransport transport(FileSystemStats stats) {
        return new KernelTransport(stats);
    }
}
