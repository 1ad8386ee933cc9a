package io.rafsd.builder;

/** Versions of the format that can be built. */
public enum FsVersion {
    V5("5"),
    V6("6");

    private final String number;

    FsVersion(String number) {
        this.number = number;
    }

    @Override
    public String toString() {
        return number;
    }
}
