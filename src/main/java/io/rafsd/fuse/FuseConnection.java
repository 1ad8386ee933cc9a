package io.rafsd.fuse;

import io.rafsd.linux.Fd;

/**
 * A mount's connection to the kernel, as it goes from one process to the next.
 *
 * @param device descriptor of it
 * @param offered flags that the kernel offered at INIT, which it says once only; 0 before
 * @param agreed flags that both sides know
 * @param noOpen whether OPEN and OPENDIR were answered with ENOSYS, so that the kernel never asks again
 * @param id device number of the mount, whose minor number names the connection
 */
public record FuseConnection(Fd device, long offered, long agreed, boolean noOpen, long id) {}
