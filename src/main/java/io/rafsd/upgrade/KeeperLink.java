package io.rafsd.upgrade;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.Fd;
import io.rafsd.linux.UnixSocket;
import io.rafsd.upgrade.KeeperMessage.Farewell;
import io.rafsd.upgrade.KeeperMessage.Hello;
import io.rafsd.upgrade.KeeperMessage.Kept;
import io.rafsd.upgrade.KeeperMessage.Left;
import io.rafsd.upgrade.KeeperMessage.Refused;
import io.rafsd.upgrade.KeeperMessage.Role;
import io.rafsd.upgrade.KeeperMessage.Standbys;
import io.rafsd.upgrade.KeeperMessage.State;
import io.rafsd.upgrade.KeeperMessage.Unknown;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One connection between a daemon and a keeper. Each message is a u32 length of what follows its head, a u16 type, a u16
 * that is 0, then its fields, little endian; the descriptor goes with the first byte of a state. Fields that follow those
 * known are passed over.
 *
 * <p>One thread may speak while another listens.
 */
final class KeeperLink implements AutoCloseable {

    /** For whoever does not take what is said, or does not greet. */
    private static final int LIMIT_SECONDS = 2;

    private static final int HEAD = 8;
    /** Far more than the state of 255 mounts. */
    private static final int MAX_LENGTH = 64 << 20;

    private static final int HELLO = 1;
    private static final int STATE = 2;
    private static final int KEPT = 3;
    private static final int STANDBYS = 4;
    private static final int LEFT = 5;
    private static final int FAREWELL = 6;
    private static final int REFUSED = 7;

    private final UnixSocket socket;
    private boolean closed;

    KeeperLink(UnixSocket socket) {
        this.socket = socket;
    }

    UnixSocket socket() {
        return socket;
    }

    /**
     * Both sides greet; whoever cannot speak with the other says why and ends the connection.
     *
     * @return what the other side said
     */
    Hello greet(Hello own) throws IOException {
        socket.limitSending(LIMIT_SECONDS);
        socket.limitReceiving(LIMIT_SECONDS);
        say(own);
        return switch (hear()) {
            case Hello other -> {
                try {
                    own.agree(other);
                } catch (UpgradeFailure e) {
                    say(new Refused(String.valueOf(e.getMessage())));
                    throw e;
                }
                socket.limitReceiving(0);
                yield other;
            }
            case Refused refused -> throw new UpgradeFailure("refused: " + refused.why(), null);
            case null, default -> throw new UpgradeFailure("the other side does not greet", null);
        };
    }

    void say(KeeperMessage message) throws IOException {
        switch (message) {
            case Hello hello -> {
                byte[] program = hello.program().getBytes(StandardCharsets.UTF_8);
                send(
                        HELLO,
                        fields(10 + program.length)
                                .putShort((short) hello.protocol())
                                .putShort((short) hello.oldestProtocol())
                                .putShort((short) hello.state())
                                .putShort((short) hello.oldestState())
                                .put((byte) hello.role().number())
                                .put((byte) program.length)
                                .put(program),
                        null);
            }
            case State state -> {
                Estate estate = state.estate();
                byte[] bytes = estate.state();
                send(STATE, fields(8 + bytes.length).putLong(state.number()).put(bytes), estate.device());
            }
            case Kept kept -> send(KEPT, fields(8).putLong(kept.number()), null);
            case Standbys standbys -> send(STANDBYS, fields(4).putInt(standbys.count()), null);
            case Left _ -> send(LEFT, fields(0), null);
            case Farewell _ -> send(FAREWELL, fields(0), null);
            case Refused refused -> {
                byte[] why = refused.why().getBytes(StandardCharsets.UTF_8);
                send(REFUSED, fields(why.length).put(why), null);
            }
            case Unknown unknown -> send(unknown.type(), fields(0), null);
        }
    }

    private static ByteBuffer fields(int length) {
        return ByteBuffer.allocate(HEAD + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .putShort((short) 0)
                .putShort((short) 0);
    }

    private void send(int type, ByteBuffer message, @Nullable Fd passed) throws IOException {
        byte[] bytes = new byte[message.capacity()];
        message.putShort(4, (short) type).get(0, bytes);
        socket.send(bytes, passed);
    }

    /** Waits for the next message; null at the end of the stream. */
    @Nullable
    KeeperMessage hear() throws IOException {
        UnixSocket.Received head = socket.receive(HEAD);
        if (head == null) {
            return null;
        }
        Fd device = head.fd();
        try {
            ByteBuffer start = buffer(head);
            int length = start.getInt();
            int type = start.getShort() & 0xFFFF;
            if (length < 0 || length > MAX_LENGTH) {
                throw new InvalidRequest("a keeper's message of type " + type + " claims " + length + " bytes");
            }
            KeeperMessage message = parse(type, length == 0 ? ByteBuffer.allocate(0) : buffer(rest(length)), device);
            if (message instanceof State) {
                device = null;
            }
            return message;
        } finally {
            if (device != null) {
                device.close();
            }
        }
    }

    private UnixSocket.Received rest(int length) throws IOException {
        UnixSocket.Received fields = socket.receive(length);
        if (fields == null) {
            throw new UpgradeFailure("a keeper's message ended after its head", null);
        }
        Fd unasked = fields.fd();
        if (unasked != null) {
            unasked.close();
        }
        return fields;
    }

    private static ByteBuffer buffer(UnixSocket.Received received) {
        return ByteBuffer.wrap(received.bytes().toArray(ValueLayout.JAVA_BYTE)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static KeeperMessage parse(int type, ByteBuffer in, @Nullable Fd device) throws IOException {
        int least = switch (type) {
            case HELLO -> 10;
            case STATE, KEPT -> 8;
            case STANDBYS -> 4;
            default -> 0;
        };
        if (in.remaining() < least) {
            throw new InvalidRequest(
                    "a keeper's message of type " + type + " has " + in.remaining() + " bytes and needs " + least);
        }
        return switch (type) {
            case HELLO -> hello(in);
            case STATE -> {
                if (device == null) {
                    throw new InvalidRequest("a state came without the descriptor of its mount");
                }
                long number = in.getLong();
                yield new State(number, new Estate(bytes(in, in.remaining()), device));
            }
            case KEPT -> new Kept(in.getLong());
            case STANDBYS -> new Standbys(in.getInt());
            case LEFT -> new Left();
            case FAREWELL -> new Farewell();
            case REFUSED -> new Refused(new String(bytes(in, in.remaining()), StandardCharsets.UTF_8));
            default -> new Unknown(type);
        };
    }

    private static Hello hello(ByteBuffer in) {
        int protocol = in.getShort() & 0xFFFF;
        int oldestProtocol = in.getShort() & 0xFFFF;
        int state = in.getShort() & 0xFFFF;
        int oldestState = in.getShort() & 0xFFFF;
        Role role = Role.of(in.get() & 0xFF);
        int length = Math.min(in.get() & 0xFF, in.remaining());
        return new Hello(
                protocol,
                oldestProtocol,
                state,
                oldestState,
                role,
                new String(bytes(in, length), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** Lets whoever waits in {@link #hear} go; that one closes. */
    synchronized void end() {
        if (!closed) {
            socket.shutdown();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        socket.close();
    }
}
