package io.bactrian.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class DiskSpaceTest {
    @TempDir
    private Path directory;

    @Test
    void newWorkIsLetInWhileEnoughIsFree() {
        DiskSpace disk = new DiskSpace(directory, DataSize.ofBytes(1));

        assertThat(disk.isShort()).isFalse();
        disk.requireRoom();
    }

    @Test
    void newWorkIsRefusedWhileTooLittleIsFree() {
        DiskSpace disk = new DiskSpace(directory, DataSize.ofTerabytes(100_000));

        assertThat(disk.isShort()).isTrue();
        assertThatThrownBy(disk::requireRoom)
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("disk is full");
    }
}
