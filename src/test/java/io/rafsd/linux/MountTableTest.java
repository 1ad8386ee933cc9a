package io.rafsd.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest {

    @Test
    void aLineIsReadWithItsEscapesAndOptionalFields() {
        MountTable.Entry entry = MountTable.parse(
                "62 29 0:55 / /mnt/a\\040b\\011c\\134d ro,nosuid shared:30 master:2 - fuse rafs\\0401 ro,user_id=0");
        assertThat(entry).isEqualTo(new MountTable.Entry(0, 55, "/mnt/a b\tc\\d", "fuse", "rafs 1"));
    }

    @Test
    void aLineWithoutOptionalFieldsIsRead() {
        assertThat(MountTable.parse("1 1 8:1 / / rw - ext4 /dev/sda1 rw"))
                .isEqualTo(new MountTable.Entry(8, 1, "/", "ext4", "/dev/sda1"));
    }

    @Test
    void thisProcessHasARootAndNothingAtAPathThatIsNoMountPoint() throws Exception {
        assertThat(MountTable.at(Path.of("/proc")))
                .isNotNull()
                .extracting(MountTable.Entry::type)
                .isEqualTo("proc");
        assertThat(MountTable.at(Path.of("/proc/self/fd"))).isNull();
    }
}
