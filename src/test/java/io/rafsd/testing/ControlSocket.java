package io.rafsd.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of a daemon's control socket that sends what it is told to, HTTP or not. Each call has its own connection. */
public record ControlSocket(Path path) {

    private static final int LONGEST = 1 << 16;
    private static final Pattern WHOLE = Pattern.compile("(?s).*?\r\n\r\n");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d{1,9})");

    public SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends raw bytes, and gives all that is said until the daemon closes. */
    public String exchange(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(StandardCharsets.ISO_8859_1.encode(request));
            ByteBuffer answer = ByteBuffer.allocate(LONGEST);
            while (channel.read(answer) >= 0) {
                // The server closes what asked to be closed.
            }
            return StandardCharsets.ISO_8859_1.decode(answer.flip()).toString();
        }
    }

    /** The whole answer to one request, status line first; a server may keep the connection all the same. */
    public String ask(String method, String target, String body) throws IOException {
        String request = method + " " + target + " HTTP/1.1\r\nHost: unix\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
        try (SocketChannel channel = connect()) {
            channel.write(StandardCharsets.ISO_8859_1.encode(request));
            StringBuilder answer = new StringBuilder();
            ByteBuffer piece = ByteBuffer.allocate(LONGEST);
            while (!isWhole(answer) && channel.read(piece) >= 0) {
                answer.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
                piece.clear();
            }
            return answer.toString();
        }
    }

    private static boolean isWhole(CharSequence answer) {
        Matcher whole = WHOLE.matcher(answer);
        if (!whole.lookingAt()) {
            return false;
        }
        Matcher length = LENGTH.matcher(whole.group());
        return length.find()
                ? answer.length() >= whole.end() + Integer.parseInt(length.group(1))
                : whole.group().startsWith("HTTP/1.1 204");
    }
}
