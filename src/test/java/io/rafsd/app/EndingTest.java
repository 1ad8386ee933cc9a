package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.UnexpectedEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
}
