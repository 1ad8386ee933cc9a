package io.rafsd.codec;

/**
 * What hashes faster than the scalar form.
 *
 * @param hashers one per thread that hashes
 * @param fromBytes smallest input for which it is the faster
 */
record FastHashers(Pool<Blake3Hasher> hashers, long fromBytes) {}
