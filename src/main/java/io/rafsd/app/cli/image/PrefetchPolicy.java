package io.rafsd.app.cli.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What becomes of the paths on standard input. */
enum PrefetchPolicy {
    /** Their files lie first in the blob, and the image lists them. */
    fs,
    /** Their files lie first in the blob. */
    blob,
    /** Standard input is not read. */
    none;

    /** The paths: one a line, those that are not absolute are no paths in an image. */
    List<String> paths() throws IOException {
        if (this == none) {
            return List.of();
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        return lines.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("/"))
                .toList();
    }
}
