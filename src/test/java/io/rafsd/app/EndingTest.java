package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.UnexpectedEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class EndingTest {

    private final List<String> done = new ArrayList<>();

    @Test
    void stepsAreDoneOnceInTheirOrderAndOneThatFailsHoldsNoneUp() throws IOException {
        Ending ending = new Ending();
        ending.add(() -> done.add("first"));
        ending.add(() -> {
            throw new IOException("cannot be ended");
        });
        ending.add(() -> done.add("last"));
        assertThat(ending.hasBegun()).isFalse();
        ending.close();
        ending.close();
        assertThat(ending.hasBegun()).isTrue();
        assertThat(done).containsExactly("first", "last");
    }

    @Test
    void whatIsBegunAfterTheEndIsEndedAtOnceAndTheStartIsToldToStop() throws IOException {
        Ending ending = new Ending();
        ending.close();
        assertThatExceptionOfType(UnexpectedEvent.class).isThrownBy(() -> ending.add(() -> done.add("late")));
        assertThat(done).containsExactly("late");
    }

    @Test
    void whoeverEndsItWaitsUntilAllIsEnded() throws Exception {
        Ending ending = new Ending();
        List<String> seen = new CopyOnWriteArrayList<>();
        Thread second = Thread.ofPlatform().unstarted(() -> {
            ending.close();
            seen.addAll(done);
        });
        ending.add(() -> {
            second.start();
            while (second.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            done.add("slow");
        });
        ending.close();
        second.join();
        assertThat(seen).containsExactly("slow");
    }
}
