package io.rafsd.testing;

import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.ReadReply;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The answer to one read, which is given once, at once or later. */
public final class Answer implements ReadReply {

    private static final int PATIENCE_SECONDS = 60;

    private final MemorySegment buffer;
    private final CompletableFuture<byte[]> bytes = new CompletableFuture<>();
    private boolean deferred;

    private Answer(int size) {
        buffer = Arena.ofAuto().allocate(Math.max(1, size)).asSlice(0, size);
    }

    /** Asks for a range. */
    public static Answer to(FileSystem files, long ino, long offset, int size) {
        Answer answer = new Answer(size);
        files.read(ino, offset, size, answer);
        if (!answer.deferred && !answer.bytes.isDone()) {
            throw new AssertionError("a read was neither answered nor deferred");
        }
        return answer;
    }

    /** The bytes that came, or the failure. */
    public byte[] await() throws IOException {
        try {
            return bytes.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (IOException) e.getCause();
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("a read was never answered", e);
        }
    }

    /** Whether it had to wait for a backend. */
    public boolean wasDeferred() {
        return deferred;
    }

    @Override
    public MemorySegment buffer() {
        return buffer;
    }

    @Override
    public void complete(int length) {
        answered(bytes.complete(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)));
    }

    @Override
    public void fail(IOException failure) {
        answered(bytes.completeExceptionally(failure));
    }

    @Override
    public ReadReply defer() {
        deferred = true;
        return this;
    }

    private static void answered(boolean first) {
        if (!first) {
            throw new AssertionError("a read was answered twice");
        }
    }
}
