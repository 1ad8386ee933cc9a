package io.rafsd.fuse;

import io.rafsd.filesystem.MemoryFileSystem;
import io.rafsd.fuse.jnr.JnrTransport;
import io.rafsd.fuse.kernel.KernelTransport;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process of its own that serves one file: arguments are transport and mount point; it ends when its input does. */
final class MountedChild {

    private MountedChild() {}

    public static void main(String... arguments) throws Exception {
        MemoryFileSystem files = new MemoryFileSystem(36);
        files.file(36, "file", 0644, "content".getBytes(StandardCharsets.UTF_8));
        FileSystemStats stats = new FileSystemStats();
        FuseTransport transport = arguments[0].equals("jnr") ? new JnrTransport(stats) : new KernelTransport(stats);
        MountOptions options = new MountOptions(Path.of(arguments[1]), 2, true, true, 1024);
        FuseSession session;
        try {
            session = transport.mount(options, files);
        } catch (IOException e) {
            System.out.println("refused: " + e.getMessage());
            return;
        }
        // A daemon's way to end: its own hook frees the mount, so signals have to reach the JVM.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                session.close();
                System.out.println("closed by hook");
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }));
        session.serve(() -> System.out.println("ended"));
        System.out.println("serving");
        while (System.in.read() >= 0) {
            // Until the parent closes it.
        }
        session.close();
        System.out.println("done");
    }
}
