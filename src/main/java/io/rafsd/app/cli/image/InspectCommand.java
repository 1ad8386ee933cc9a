package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows an image: answers one request, or is a shell in it. */
@Command(name = "inspect", description = "shows an image's metadata, as a shell or for one request")
final class InspectCommand implements Callable<Integer> {

    private static final String PROMPT = "Inspecting RAFS :> ";

    @Mixin
    private BootstrapArgument image = new BootstrapArgument();

    @Option(
            names = {"-R", "--request"},
            paramLabel = "COMMAND",
            description = "answer this and end: stats, blobs, prefetch and more; 'help' in the shell lists them")
    private @Nullable String request;

    @Override
    public Integer call() throws IOException {
        RafsMetadata metadata = RafsMetadata.open(image.path());
        Inspector inspector = new Inspector(metadata, System.out, request != null);
        if (request != null) {
            System.out.println(inspector.answer(request));
            return 0;
        }
        System.out.println("RAFS v" + metadata.version() + ", " + metadata.inodeCount()
                + " inodes; 'help' lists what can be asked");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (true) {
            System.out.print(PROMPT);
            System.out.flush();
            String line = lines.readLine();
            if (line == null || line.strip().equals("exit") || line.strip().equals("q")) {
                return 0;
            }
            try {
                String answer = inspector.answer(line);
                if (!answer.equals("null")) {
                    System.out.println(answer);
                }
            } catch (InvalidRequest e) {
                System.out.println(e.getMessage());
            } catch (IOException e) {
                System.out.println("Failed to execute command, " + e.getMessage());
            }
        }
    }
}
