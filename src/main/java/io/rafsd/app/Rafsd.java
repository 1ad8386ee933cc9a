package io.rafsd.app;

import io.rafsd.app.cli.CommandLines;
import io.rafsd.linux.Limits;
import java.io.IOException;

/**
 * Where every face of rafsd starts: the daemon, nydusd's command line, the image tools. The launcher tells by which name it
 * was called.
 */
public final class Rafsd {

    private Rafsd() {}

    public static void main(String[] args) {
        String face = System.getProperty("rafsd.face", "rafsd");
        try {
            Limits.nameProcess(face);
        } catch (IOException e) {
            // Then it is called java, which hinders nothing.
        }
        System.exit(CommandLines.run(face, args, new SpringDaemonRunner(), new SpringDemoStarter()));
    }
}
