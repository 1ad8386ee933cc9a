package io.rafsd.fuse.server;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.DaemonException;
import io.rafsd.error.Errno;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.NotReady;
import io.rafsd.error.PosixError;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.error.Unsupported;
import io.rafsd.error.UpgradeFailure;
import java.io.IOException;

/** What a failure looks like to a reader: the one place where failures become error numbers. */
public final class Errnos {

    private Errnos() {}

    public static Errno of(IOException failure) {
        return failure instanceof DaemonException known
                ? switch (known) {
                    case PosixError posix -> posix.errno();
                    case NotFound _ -> Errno.ENOENT;
                    case Unsupported _ -> Errno.EOPNOTSUPP;
                    case InvalidRequest _ -> Errno.EINVAL;
                    case AlreadyExists _ -> Errno.EEXIST;
                    case UnexpectedEvent _, NotReady _, UpgradeFailure _ -> Errno.EBUSY;
                    case InvalidImage _, IntegrityFailure _, BackendFailure _, CacheFailure _ -> Errno.EIO;
                }
                : Errno.EIO;
    }
}
