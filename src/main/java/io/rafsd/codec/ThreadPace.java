package io.rafsd.codec;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;

/**
 * The calling thread's own processor time: on a busy machine the clock on the wall says nothing of a loop's speed. Rests by
 * sleeping, since a low priority means nothing to Linux.
 */
final class ThreadPace implements LaneWarmUp.Pace {

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    @Override
    public long cpuNanos() {
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }

    @Override
    public void rest(long nanos) {
        LockSupport.parkNanos(nanos);
    }
}
