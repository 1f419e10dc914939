package io.bactrian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    private Path directory;

    @Test
    void aNewDirectoryIsItsOwnersAlone() throws IOException {
        Path data = directory.resolve("a/b");
        DataDirectory.take(data).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }

    @Test
    void aDirectoryIsTakenOnceAtATime() throws IOException {
        try (DataDirectory first = DataDirectory.take(directory)) {
            assertThat(first.postgres()).isEmpty();
            assertThatThrownBy(() -> DataDirectory.take(directory))
                    .isInstanceOf(StartupRefusedException.class)
                    .hasMessageContaining("already running")
                    .hasMessageContaining("BACTRIAN_DATA_DIRECTORY");
        }
        DataDirectory.take(directory).close();
    }

    @Test
    void aDirectoryInUseIsNotCleaned() throws IOException {
        Path kept = Files.writeString(directory.resolve("kept"), "precious");
        try (DataDirectory inUse = DataDirectory.take(directory)) {
            assertThat(inUse.hasPostgresOn(5432)).isFalse();
            assertThatThrownBy(() -> DataDirectoryCleaner.clean(directory)).isInstanceOf(StartupRefusedException.class);
        }
        assertThat(kept).hasContent("precious");
    }

    @Test
    void cleaningLeavesNothing() throws IOException {
        Files.createDirectories(directory.resolve("postgres/base"));
        Files.writeString(directory.resolve("postgres/base/1"), "old");
        DataDirectoryCleaner.clean(directory);
        assertThat(directory).doesNotExist();
    }

    @Test
    void aPortThatAnotherProcessIdNamesIsNoPostgres() throws IOException {
        Files.createDirectories(directory.resolve("postgres"));
        long self = ProcessHandle.current().pid();
        Files.writeString(directory.resolve("postgres/postmaster.pid"), self + "\n/data\n0\n5432\n");
        try (DataDirectory data = DataDirectory.take(directory)) {
            assertThat(data.hasPostgresOn(5432)).isFalse();
        }
    }
}
