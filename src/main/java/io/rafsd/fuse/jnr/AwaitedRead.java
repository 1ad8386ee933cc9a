package io.rafsd.fuse.jnr;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.ReadReply;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the answer to a read, because libfuse takes it only as a return value. The waiting thread is libfuse's, which
 * starts more as they get busy.
 */
final class AwaitedRead implements ReadReply {

    private final MemorySegment destination;
    private final Answer answer = new Answer();

    /** @param destination libfuse's, good until the callback returns */
    AwaitedRead(MemorySegment destination) {
        this.destination = destination;
    }

    /**
     * @return bytes that are in the destination
     * @throws IOException that the read failed with; ETIMEDOUT if there was no answer in time
     */
    int await(Duration patience) throws IOException {
        try {
            if (!answer.given.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PosixError(Errno.ETIMEDOUT, "a read was not answered within " + patience.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while a read waited for its bytes");
        }
        IOException failure = answer.failure;
        if (failure != null) {
            throw failure;
        }
        MemorySegment bytes = answer.bytes;
        if (bytes != null) {
            MemorySegment.copy(bytes, 0, destination, 0, answer.length);
        }
        return answer.length;
    }

    @Override
    public MemorySegment buffer() {
        return destination;
    }

    @Override
    public void complete(int length) {
        answer.give(null, length, null);
    }

    @Override
    public void fail(IOException failure) {
        answer.give(null, 0, failure);
    }

    /** With a buffer of its own: whoever gave up may still be writing when libfuse frees its one. */
    @Override
    public ReadReply defer() {
        return new Deferred(Arena.ofAuto().allocate(Math.max(1, destination.byteSize()), 8), answer);
    }

    /** Given once, by any thread; read by the waiting one after {@link #given}. */
    private static final class Answer {

        final CountDownLatch given = new CountDownLatch(1);

        @Nullable
        MemorySegment bytes;

        int length;

        @Nullable
        IOException failure;

        synchronized void give(@Nullable MemorySegment from, int count, @Nullable IOException why) {
            if (given.getCount() > 0) {
                bytes = from;
                length = count;
                failure = why;
                given.countDown();
            }
        }
    }

    private record Deferred(MemorySegment buffer, Answer answer) implements ReadReply {

        @Override
        public void complete(int length) {
            answer.give(buffer, length, null);
        }

        @Override
        public void fail(IOException failure) {
            answer.give(null, 0, failure);
        }

        @Override
        public ReadReply defer() {
            return this;
        }
    }
}
