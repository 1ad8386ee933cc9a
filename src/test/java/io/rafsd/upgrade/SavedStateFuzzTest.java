package io.rafsd.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.InvalidRequest;

/** Whatever a supervisor sends: it is read, or refused with a reason; what is read and written again is the same. */
class SavedStateFuzzTest {

    /** @param bytes a state; where the first is odd, what is inside of one, so that the checksum is right */
    @FuzzTest
    void anyStateIsReadOrRefused(byte[] bytes) throws InvalidRequest {
        byte[] whole = bytes;
        if (bytes.length > 0 && (bytes[0] & 1) == 1) {
            StateWriter inside = new StateWriter(SavedState.MAX_STRING);
            for (int i = 1; i < bytes.length; i++) {
                inside.u8(bytes[i]);
            }
            whole = inside.finish();
        }
        SavedState state;
        try {
            state = SavedState.decode(whole);
        } catch (InvalidRequest e) {
            assertThat(e.getMessage()).startsWith("saved ");
            return;
        }
        // Flags that nobody knows are left out.
        SavedState written = SavedState.decode(state.encode(SavedState.MAX_STRING));
        assertThat(written.mounts()).isEqualTo(state.mounts());
        assertThat(written.directories()).isEqualTo(state.directories());
    }
}
