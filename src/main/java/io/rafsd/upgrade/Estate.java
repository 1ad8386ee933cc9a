package io.rafsd.upgrade;

import io.rafsd.linux.Fd;

/** What one daemon leaves to the next. */
public final class Estate {

    private final byte[] state;
    private final Fd device;

    /**
     * @param state bytes, secret; not copied
     * @param device descriptor of the mount
     */
    public Estate(byte[] state, Fd device) {
        this.state = state;
        this.device = device;
    }

    public byte[] state() {
        return state;
    }

    public Fd device() {
        return device;
    }

    @Override
    public String toString() {
        return state.length + " bytes of state and " + device;
    }
}
