package io.rafsd.builder;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.rafsd.linux.RawPath;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Packs trees to tars by the machine's tar, and says what is left of them there. */
final class TreeInATar {

    private static final int SOCKET = 0xC000;

    private TreeInATar() {}

    /** Packs a tree to a new file in {@code work}. */
    static Path pack(Path work, Path tree, List<String> dialect, String compression) throws Exception {
        Path tar = Files.createTempFile(work, "source", ".tar");
        List<String> command = new ArrayList<>(List.of("tar", "--create", "--file", tar.toString()));
        command.addAll(dialect);
        if (dialect.contains("--format=pax")) {
            command.addAll(List.of("--xattrs", "--xattrs-include=*"));
        }
        command.addAll(List.of("--sort=name", compression, "--directory", tree.toString(), "."));
        run(command.toArray(String[]::new));
        return tar;
    }

    static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeThat(process.waitFor()).as(said).isIn(0, 1);
    }

    static TreeListing expected(Path tree, boolean pax) throws IOException {
        return comparable(TreeListing.of(RawPath.of(tree)), pax);
    }

    /** What a tar holds of a tree: no sockets, and unless it is pax no parts of seconds and no extended attributes. */
    static TreeListing comparable(TreeListing listing, boolean pax) {
        SortedMap<String, TreeListing.Node> kept = new TreeMap<>();
        listing.entries().forEach((path, n) -> {
            if ((n.mode() & 0xF000) != SOCKET && !path.equals(".")) {
                kept.put(
                        path,
                        new TreeListing.Node(
                                n.mode(),
                                n.uid(),
                                n.gid(),
                                n.deviceNumber(),
                                n.names(),
                                n.file(),
                                n.size(),
                                n.modifiedSeconds(),
                                pax ? n.modifiedNanos() : 0,
                                n.target(),
                                pax ? n.xattrs() : new TreeMap<>(),
                                n.sha256()));
            }
        });
        return new TreeListing(kept);
    }
}
