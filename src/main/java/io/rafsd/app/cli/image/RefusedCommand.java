package io.rafsd.app.cli.image;

import io.rafsd.error.Unsupported;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A command of nydus-image that we do not have: it says what to do instead, whatever its options. */
@Command(hidden = true)
final class RefusedCommand implements Callable<Integer> {

    private final String instead;

    @Unmatched
    @SuppressWarnings("UnusedVariable") // picocli fills it
    private List<String> arguments = new ArrayList<>();

    /** @param instead a sentence */
    RefusedCommand(String instead) {
        this.instead = instead;
    }

    @Override
    public Integer call() throws Unsupported {
        throw new Unsupported(instead);
    }
}
