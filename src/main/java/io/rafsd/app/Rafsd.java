package io.rafsd.app;

import io.rafsd.app.cli.CommandLines;

/**
 * Where every face of rafsd starts: the daemon, nydusd's command line, the image tools. The launcher tells by which name it
 * was called.
 */
public final class Rafsd {

    private Rafsd() {}

    public static void main(String[] args) {
        String face = System.getProperty("rafsd.face", "rafsd");
        System.exit(CommandLines.run(face, args, new SpringDaemonRunner(), new SpringDemoStarter()));
    }
}
