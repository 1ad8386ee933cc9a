package io.rafsd.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdCloseTest {

    @Test
    void aNumberThatIsKeptLeadsNowhere(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Fd late = Fd.open(file, Fd.O_RDWR, 0);
        late.closeKeepingNumber();
        late.closeKeepingNumber();
        late.close();
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + late.number())))
                .isEqualTo(Path.of("/dev/null"));
        try (Fd other = Fd.open(file, Fd.O_RDWR, 0);
                Arena arena = Arena.ofConfined()) {
            assertThat(other.number()).isNotEqualTo(late.number());
            late.pwriteFully(arena.allocateFrom("late"), 0);
        }
        assertThat(file).hasContent("content");
    }
}
