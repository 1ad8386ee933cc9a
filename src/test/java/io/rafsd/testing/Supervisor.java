package io.rafsd.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Keeps one state and one descriptor between daemons, as nydus-snapshotter does: it listens when it is told to, serves one
 * connection, and stops listening. A process of its own in another language, so that nothing of ours checks itself. One call
 * at a time.
 */
public final class Supervisor implements AutoCloseable {

    private static final String SCRIPT = """
            import os, socket, sys
            path, state, kept = sys.argv[1], b'', -1
            def say(*words):
                print(*words, flush=True)
            def receive(client):
                global state, kept
                data, descriptors = b'', []
                while True:
                    piece, came, _, _ = socket.recv_fds(client, 1 << 18, 16)
                    descriptors += came
                    if not piece:
                        break
                    data += piece
                if not descriptors:
                    return 'nothing'
                if kept >= 0:
                    os.close(kept)
                state, kept = data, descriptors[0]
                return 'saved'
            def send(client, copies):
                if copies:
                    done = socket.send_fds(client, [state], [kept] * copies)
                    client.sendall(state[done:])
                else:
                    client.sendall(state)
                return 'sent'
            for line in sys.stdin:
                command = line.split()
                if command[0] == 'state':
                    say(state.hex())
                elif command[0] == 'replace':
                    state = bytes.fromhex(command[1])
                    say('ok')
                else:
                    if os.path.exists(path):
                        os.unlink(path)
                    listener = socket.socket(socket.AF_UNIX)
                    listener.bind(path)
                    listener.listen()
                    listener.settimeout(20)
                    say('listening')
                    try:
                        client, _ = listener.accept()
                        listener.close()
                        client.settimeout(20)
                        with client:
                            said = receive(client) if command[0] == 'expect' else send(client, int(command[1]))
                        say(said)
                    except OSError as e:
                        say('failed', e)
            """;

    private final Path socket;
    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;
    private boolean busy;

    public Supervisor(Path socket) throws IOException {
        this.socket = socket;
        this.process = new ProcessBuilder("python3", "-c", SCRIPT, socket.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
    }

    public Path socket() {
        return socket;
    }

    /** Listens for a daemon that saves. */
    public void expectState() throws IOException {
        listen("expect");
    }

    /** Waits for that daemon. @return whether it saved; what was kept before stays if not */
    public boolean awaitState() throws IOException {
        busy = false;
        return answer().equals("saved");
    }

    /** Listens for a daemon that restores. */
    public void offerState() throws IOException {
        offerState(1);
    }

    /** Offers the state with so many copies of the descriptor. */
    public void offerState(int descriptors) throws IOException {
        listen("offer " + descriptors);
    }

    /** Takes bytes for those it keeps. */
    public void replaceState(byte[] other) throws IOException {
        ask("replace " + HexFormat.of().formatHex(other));
    }

    public byte[] state() throws IOException {
        return HexFormat.of().parseHex(ask("state"));
    }

    private void listen(String command) throws IOException {
        if (!ask(command).equals("listening")) {
            throw new IOException("the supervisor does not listen");
        }
        busy = true;
    }

    private String ask(String command) throws IOException {
        if (busy) {
            busy = false;
            answer();
        }
        commands.write(command + "\n");
        commands.flush();
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the supervisor has ended");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
    }
}
