package io.rafsd.fuse.server;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the replies instead of sending them. */
final class RecordingChannel implements ReplyChannel {

    /** One reply; {@code errno} is positive. */
    record Sent(long unique, int errno, List<Byte> bytes) {

        byte[] payload() {
            byte[] copy = new byte[bytes.size()];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = bytes.get(i);
            }
            return copy;
        }
    }

    private final List<Sent> sent = new CopyOnWriteArrayList<>();

    @Override
    public Frame newFrame() {
        return (unique, errno, payload, length) -> {
            List<Byte> bytes = new ArrayList<>((int) length);
            for (long i = 0; i < length; i++) {
                bytes.add(payload.get(ValueLayout.JAVA_BYTE, i));
            }
            sent.add(new Sent(unique, errno, bytes));
        };
    }

    List<Sent> sent() {
        return sent;
    }

    /** The only reply so far. */
    Sent only() {
        if (sent.size() != 1) {
            throw new AssertionError("one reply expected, " + sent.size() + " sent");
        }
        return sent.getFirst();
    }

    void clear() {
        sent.clear();
    }
}
