package io.rafsd.rafs.layout;

import java.lang.foreign.MemorySegment;

/**
 * One extended attribute.
 *
 * @param name with its prefix, raw bytes
 * @param value may be empty
 */
public record Xattr(MemorySegment name, MemorySegment value) {}
