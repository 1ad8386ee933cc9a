package io.rafsd.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Refuses to give more bytes than a bound: a few bytes of gzip can hold terabytes. One thread. */
final class BoundedStream extends FilterInputStream {

    private final long bound;
    private long left;

    BoundedStream(InputStream origin, long bound) {
        super(origin);
        this.bound = bound;
        this.left = bound;
    }

    @Override
    public int read() throws IOException {
        int next = super.read();
        count(next < 0 ? 0 : 1);
        return next;
    }

    @Override
    public int read(byte[] destination, int offset, int length) throws IOException {
        int n = super.read(destination, offset, length);
        count(Math.max(0, n));
        return n;
    }

    @Override
    public long skip(long wanted) throws IOException {
        long n = super.skip(wanted);
        count(n);
        return n;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long bytes) throws IOException {
        left -= bytes;
        if (left < 0) {
            throw new IOException("it unpacks to more than " + bound + " bytes");
        }
    }
}
