package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.NotFoundException;
import io.bactrian.TestDatabase;
import io.bactrian.account.TestKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningSecretsTest {
    private static final String NEW =
            Base64.getEncoder().encodeToString("another key with thirty-two byte".getBytes(StandardCharsets.US_ASCII));

    private final TestDatabase database = TestDatabase.create();
    private final WebhookNode node;

    SigningSecretsTest(@TempDir Path directory) {
        node = new WebhookNode(database, directory);
    }

    @AfterEach
    void close() {
        node.close();
        database.close();
    }

    @Test
    void anAccountsSecretIsMadeOnceHoweverManyAskAtOnce() {
        UUID account = node.account();

        List<String> secrets = IntStream.range(0, 16)
                .parallel()
                .mapToObj(number -> node.secrets.current(account).value())
                .distinct()
                .toList();

        assertThat(secrets).hasSize(1);
        assertThat(node.secrets.current(node.account()).value()).isNotEqualTo(secrets.getFirst());
    }

    @Test
    void theDatabaseDoesNotHaveTheSecretItself() {
        SigningSecret secret = node.secrets.current(node.account());

        assertThat(database.jdbc()
                        .sql("select ciphertext from signing_secret")
                        .query(byte[].class)
                        .single())
                .isNotEmpty()
                .satisfies(stored -> assertThat(new String(stored, StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret.value(), new String(secret.key(), StandardCharsets.ISO_8859_1)));
    }

    @Test
    void aReplacedSecretSignsForAnotherDay() {
        UUID account = node.account();
        SigningSecret first = node.secrets.current(account);
        SigningSecret second = node.secrets.rotate(account);

        assertThat(node.secrets.current(account)).isEqualTo(second);
        node.clock.advance(Duration.ofHours(23));
        node.secrets.forgetReplaced();
        assertThat(node.secrets.valid(account)).containsExactly(second, first);
        node.clock.advance(Duration.ofHours(1));
        assertThat(node.secrets.valid(account)).containsExactly(second);
        node.secrets.forgetReplaced();
        assertThat(database.jdbc()
                        .sql("select count(*) from signing_secret where replaced is not null")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void aRotationOfTheMasterKeyIncludesThem() {
        UUID account = node.account();
        SigningSecret first = node.secrets.current(account);
        SigningSecret second = node.secrets.rotate(account);

        TestKeys during = new TestKeys(database, NEW, WebhookNode.KEY);
        assertThat(during.rotate(new SigningSecrets(database.jdbc(), during.vault(), node.clock)))
                .isEqualTo(1);

        SigningSecrets after = new SigningSecrets(database.jdbc(), new TestKeys(database, NEW).vault(), node.clock);
        assertThat(after.valid(account)).containsExactly(second, first);
        assertThatThrownBy(() -> node.secrets.current(account)).hasMessageContaining("another master key");
    }

    @Test
    void aClosedAccountHasNoneAndGetsNone() {
        UUID account = node.account();
        node.secrets.current(account);

        database.jdbc()
                .sql("update account set is_active = false where id = ?")
                .param(account)
                .update();
        node.deliveries.eraseSome(account);

        assertThatThrownBy(() -> node.secrets.current(account)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> node.secrets.rotate(account)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> node.secrets.current(UUID.randomUUID())).isInstanceOf(NotFoundException.class);
    }
}
