package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyRotationTest {
    private static final String OLD = AccountNode.MASTER_KEY;
    private static final String NEW =
            Base64.getEncoder().encodeToString("another key with thirty-two byte".getBytes(StandardCharsets.US_ASCII));

    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();

    @TempDir
    Path directory;

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    @Test
    void afterARotationTheOldKeyIsNeededNoMore() {
        AccountNode before = new AccountNode(database, clock, new MasterKey(OLD, List.of(), "unused"));
        Registration registration = before.accounts.register("owner@example.com", AccountNode.PASSWORD, null);

        assertThatThrownBy(() -> new AccountNode(database, clock, new MasterKey(NEW, List.of(), "unused")))
                .hasMessageContaining("previous-master-keys");
        AccountNode during = new AccountNode(database, clock, new MasterKey(NEW, List.of(OLD), "unused"));
        assertReads(during, registration);
        assertThat(during.rotation.rotate()).isEqualTo(2);

        AccountNode after = new AccountNode(database, clock, new MasterKey(NEW, List.of(), "unused"));
        assertReads(after, registration);
        assertThat(after.bearer(registration.token()).email()).isEqualTo("owner@example.com");
        assertThatThrownBy(() -> new AccountNode(database, clock, new MasterKey(OLD, List.of(), "unused")))
                .hasMessageContaining("another master key");
    }

    @Test
    void aKeyInTheDataDirectoryIsMadeAnew() throws Exception {
        Path file = directory.resolve("keys/master.key");
        AccountNode before = new AccountNode(database, clock, inDirectory());
        Registration registration = before.accounts.register("owner@example.com", AccountNode.PASSWORD, null);
        String old = Files.readString(file);

        before.rotation.rotate();

        assertThat(Files.readString(file)).isNotEqualTo(old);
        assertThat(directory.resolve("keys")).isDirectoryNotContaining("glob:**.previous");
        assertReads(new AccountNode(database, clock, inDirectory()), registration);
    }

    @Test
    void anInterruptedRotationLosesNothingAndIsCompletedByTheNext() throws Exception {
        Path file = directory.resolve("keys/master.key");
        AccountNode before = new AccountNode(database, clock, inDirectory());
        Registration registration = before.accounts.register("owner@example.com", AccountNode.PASSWORD, null);
        MasterKey interrupted = inDirectory();
        interrupted.renew();
        String renewed = Files.readString(file);

        AccountNode restarted = new AccountNode(database, clock, inDirectory());
        assertReads(restarted, registration);
        restarted.rotation.rotate();

        assertThat(Files.readString(file)).isEqualTo(renewed);
        assertReads(new AccountNode(database, clock, inDirectory()), registration);
        assertThat(directory.resolve("keys")).isDirectoryNotContaining("glob:**.previous");
    }

    private MasterKey inDirectory() {
        return new MasterKey("", List.of(), directory.toString());
    }

    private static void assertReads(AccountNode node, Registration registration) {
        assertThat(node.mapKeys.list(registration.account().id()))
                .extracting(MapKey::key)
                .containsExactly(registration.mapKey().key());
    }
}
