package io.rafsd.demo.registry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What the registry was asked and how much it sent, so that one can see what a mount really fetches. Safe for many threads. */
public final class Traffic {

    /** A long demonstration must not fill the memory. */
    private static final int KEPT_TRANSFERS = 10_000;

    private final LongAdder requests = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final LongAdder blobBytes = new LongAdder();
    private final Map<String, LongAdder> bytesByBlob = new ConcurrentHashMap<>();
    private final Deque<Transfer> transfers = new ArrayDeque<>();

    /**
     * A part of a blob that was asked for.
     *
     * @param digest of the blob
     * @param offset of its first byte
     * @param length bytes
     */
    public record Transfer(String digest, long offset, long length) {}

    Traffic() {}

    void request() {
        requests.increment();
    }

    void token() {
        tokens.increment();
    }

    void asked(Transfer transfer) {
        synchronized (transfers) {
            if (transfers.size() == KEPT_TRANSFERS) {
                transfers.removeFirst();
            }
            transfers.addLast(transfer);
        }
    }

    void sent(String digest, long bytes) {
        blobBytes.add(bytes);
        bytesByBlob.computeIfAbsent(digest, _ -> new LongAdder()).add(bytes);
    }

    /** Requests of any kind, refused ones too. */
    public long requests() {
        return requests.sum();
    }

    /** Tokens that were handed out. */
    public long tokens() {
        return tokens.sum();
    }

    /** Bytes of blobs that were sent. */
    public long blobBytes() {
        return blobBytes.sum();
    }

    /** The same, by the digest of the blob. */
    public Map<String, Long> bytesByBlob() {
        return bytesByBlob.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, e -> e.getValue().sum()));
    }

    /** Parts of blobs that were asked for, oldest first; of very many only the last ten thousand. */
    public List<Transfer> transfers() {
        synchronized (transfers) {
            return List.copyOf(transfers);
        }
    }
}
