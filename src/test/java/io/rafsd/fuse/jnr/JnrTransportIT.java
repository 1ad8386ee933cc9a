package io.rafsd.fuse.jnr;

import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.FuseTransportContract;
import io.rafsd.stats.FileSystemStats;

class JnrTransportIT extends FuseTransportContract {

    @Override
    protected FuseTransport transport(FileSystemStats stats) {
        return new JnrTransport(stats);
    }
}
