package io.rafsd.codec;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/** Makes the seven rounds of the compression function, each with its own message order. */
final class LaneRounds {

    private static final int ROUNDS = 7;
    /** Which word of one round is which word of the next (BLAKE3 specification, table 2). */
    private static final int[] PERMUTATION = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

    private LaneRounds() {}

    /**
     * Defines the rounds, in their order.
     *
     * @throws IllegalStateException if this virtual machine does not let us; the scalar form then has to do
     */
    static List<Round> define() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        List<Round> rounds = new ArrayList<>(ROUNDS);
        try {
            byte[] mould = mould();
            int[] order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
            for (int round = 0; round < ROUNDS; round++) {
                rounds.add(make(lookup.defineHiddenClassWithClassData(mould, order, true)));
                order = next(order);
            }
        } catch (IOException | IllegalAccessException e) {
            throw new IllegalStateException("the rounds of BLAKE3 cannot be defined from their mould", e);
        }
        return List.copyOf(rounds);
    }

    private static byte[] mould() throws IOException {
        String file = LaneRound.class.getSimpleName() + ".class";
        try (InputStream in = LaneRounds.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new FileNotFoundException(file + " is not beside its neighbours on the class path");
            }
            return in.readAllBytes();
        }
    }

    private static Round make(MethodHandles.Lookup round) {
        try {
            return (Round) round.findConstructor(round.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("a round of BLAKE3 cannot be made", e);
        }
    }

    private static int[] next(int[] order) {
        int[] next = new int[order.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = order[PERMUTATION[i]];
        }
        return next;
    }

    /** One round over the first lanes of the rows that {@link LaneRows} lays out. */
    interface Round {

        void apply(int[] rows, int lanes);
    }
}
