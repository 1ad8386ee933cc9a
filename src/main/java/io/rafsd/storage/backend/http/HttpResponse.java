package io.rafsd.storage.backend.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a response, and its body as it arrives. One thread; closing early ends the transfer. */
public interface HttpResponse extends AutoCloseable {

    int status();

    /** The first value of a header, or null. */
    @Nullable
    String header(String name);

    /** All values of a header. */
    List<String> headers(String name);

    InputStream body() throws IOException;

    @Override
    void close();
}
