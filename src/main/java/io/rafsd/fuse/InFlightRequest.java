package io.rafsd.fuse;

/**
 * A request of the kernel that has not been answered.
 *
 * @param ino number of the inode it is about
 * @param opcode of FUSE
 * @param unique number of the request
 * @param receivedSeconds when it was received, seconds since the epoch
 */
public record InFlightRequest(long ino, int opcode, long unique, long receivedSeconds) {}
