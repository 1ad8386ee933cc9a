package io.rafsd.upgrade;

import io.rafsd.error.PosixError;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.Fd;
import io.rafsd.linux.UnixSocket;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that keeps a daemon's state and descriptor between two daemons. We connect whichever way they go; the end of
 * the stream is the end of the message.
 *
 * @param socket that it listens on, for one connection at a time
 */
public record Supervisor(Path socket) implements Predecessor {

    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);
    /** For whoever does not answer. */
    private static final int LIMIT_SECONDS = 10;
    /** Far more than the state of 255 mounts. */
    private static final int MAX_STATE = 64 << 20;

    /** Gives it state and descriptor to keep. */
    public void save(Estate estate) throws UpgradeFailure {
        try (UnixSocket connected = UnixSocket.connect(socket, LIMIT_SECONDS)) {
            connected.send(estate.state(), estate.device());
        } catch (IOException e) {
            throw new UpgradeFailure("state could not be given to the supervisor: " + e.getMessage(), e);
        }
    }

    @Override
    public Estate estate() throws UpgradeFailure {
        try (UnixSocket connected = UnixSocket.connect(socket, LIMIT_SECONDS)) {
            UnixSocket.Received received = connected.receiveAll(MAX_STATE);
            Fd device = received.fd();
            if (device == null) {
                throw new UpgradeFailure(
                        "the supervisor at " + socket + " sent "
                                + received.bytes().byteSize() + " bytes and no descriptor: it has nothing to take over",
                        null);
            }
            return new Estate(received.bytes().toArray(ValueLayout.JAVA_BYTE), device);
        } catch (UpgradeFailure e) {
            throw e;
        } catch (IOException e) {
            throw new UpgradeFailure("state could not be taken from the supervisor: " + e.getMessage(), e);
        }
    }

    /** Lets a supervisor go that waits for a state which will not come: it waits for ever else. */
    public void release() {
        try (UnixSocket _ = UnixSocket.connect(socket, LIMIT_SECONDS)) {
            log.atDebug().log("the supervisor gets no state");
        } catch (PosixError e) {
            log.atDebug().log("no supervisor waits: {}", e.getMessage());
        } catch (IOException e) {
            log.atWarn().log("the supervisor could not be released: {}", e.getMessage());
        }
    }
}
