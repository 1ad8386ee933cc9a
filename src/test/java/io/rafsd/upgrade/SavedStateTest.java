package io.rafsd.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.InvalidRequest;
import io.rafsd.upgrade.SavedState.Negotiated;
import io.rafsd.upgrade.SavedState.SavedDirectory;
import io.rafsd.upgrade.SavedState.SavedMount;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "the magic is that of x86-64")
class SavedStateTest {

    /** One image at /12 as nydusd's layout has it, with a checksum at each of three levels. */
    private static final byte[] VECTOR = HexFormat.of()
            .parseHex("010064868419100701000100000000000000"
                    + "03000000000000002f31320000000002000000000000002f6202000000000000007b7d03000000000000002f3132"
                    + "01010000000000000004000000000000002f657463017900000000000000"
                    + "01006486841910070100fb383f0300000000e9f3231000000000000000000000000000000000000000000001"
                    + "3c0000000000000001006486841910070100030000000000000001000000000000000200000000000000"
                    + "01000000000000000200000000000000"
                    + "31327218d28b62e0b4b902317ce5c3a85c735a2d00000000000000118fcd833123fc92");

    private static final SavedState STATE = new SavedState(
            List.of(new SavedMount(false, "/b", "{}", "/12", List.of("/etc"), 1)),
            new Negotiated(0x033f38fbL, 0x1023f3e9L, false),
            List.of(new SavedDirectory(2, 1, "12")),
            3,
            2,
            45);

    @Test
    void stateOfNydusdIsRead() throws InvalidRequest {
        assertThat(SavedState.decode(VECTOR)).isEqualTo(STATE);
    }

    @Test
    void whatIsWrittenIsReadAgainAndIsTheVectorButForAFlagThatWeNeverAgreeOn() throws InvalidRequest {
        byte[] written = STATE.encode(SavedState.MAX_STRING);
        assertThat(SavedState.decode(written)).isEqualTo(STATE);
        assertThat(written).hasSameSizeAs(VECTOR);
        assertThat(Arrays.copyOf(written, 120)).isEqualTo(Arrays.copyOf(VECTOR, 120));
    }

    @Test
    void checksumIsTheOneThatNydusdCounts() {
        assertThat(Crc64.of(new byte[] {1, 2, 3, 4, 5}, 0, 5)).isEqualTo(0xFB04_60DE_0638_3654L);
        byte[] sixteen = new byte[16];
        Arrays.fill(sixteen, (byte) 0x7B);
        assertThat(Crc64.of(sixteen, 0, 16)).isEqualTo(0x29D5_3572_1632_6566L);
    }

    @Test
    void anyDamagedByteIsNoticed() {
        for (int i = 0; i < VECTOR.length; i++) {
            byte[] damaged = VECTOR.clone();
            damaged[i] ^= 0x10;
            assertThatExceptionOfType(InvalidRequest.class)
                    .as("byte %d", i)
                    .isThrownBy(() -> SavedState.decode(damaged))
                    .withMessageContaining("saved");
        }
    }

    @Test
    void anyShorterStateIsRefused() {
        for (int i = 0; i < VECTOR.length; i++) {
            byte[] shorter = Arrays.copyOf(VECTOR, i);
            assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> SavedState.decode(shorter));
        }
    }

    @Test
    void configurationThatNoSuccessorTakesIsNotWritten() {
        SavedMount mount = new SavedMount(false, "/b", "x".repeat(SavedState.MAX_STRING + 1), "/12", null, 1);
        SavedState state = new SavedState(List.of(mount), STATE.connection(), List.of(), 2, 2, 45);
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> state.encode(SavedState.MAX_STRING))
                .withMessageContaining("configuration of /12")
                .withMessageContaining("16384");
        assertThat(mount.toString()).doesNotContain("xxx");
    }
}
