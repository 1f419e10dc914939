package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static io.bactrian.account.ApiKey.Environment.PROD;
import static io.bactrian.account.ApiKey.Environment.TEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.Violation;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ApiKeysTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final AccountNode NODE = new AccountNode(DATABASE, CLOCK);
    private static final ApiKeys KEYS = NODE.apiKeys;

    private final UUID account = newAccount();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aNewKeyIsShownOnceAndKeptAsAHash() {
        CreatedApiKey created =
                KEYS.create(account, Permissions.UNRESTRICTED, "Production", "For work", List.of("billing:read"), PROD);

        assertThat(created.secret()).matches("sk_prod_[0-9A-Za-z]{32,}");
        assertThat(created.key().preview()).isEqualTo(created.secret().substring(0, 16) + "...");
        assertThat(created.key().permissions().values()).containsExactly("billing:read");
        assertThat(created.toString()).doesNotContain(created.secret());
        assertThat(KEYS.list(account)).containsExactly(created.key());
        byte[] hash = DATABASE.jdbc()
                .sql("select hash from api_key where id = :id")
                .param("id", created.key().id())
                .query(byte[].class)
                .single();
        assertThat(hash).isEqualTo(SecretKeys.hash(created.secret()));
    }

    @Test
    void aTestKeyIsKnownAsOne() {
        CreatedApiKey test = KEYS.create(account, Permissions.UNRESTRICTED, "Try", null, null, TEST);

        assertThat(test.secret()).startsWith("sk_test_");
        assertThat(NODE.bearer(test.secret()).testKey()).isTrue();
        assertThat(KEYS.list(account).getFirst().environment()).isEqualTo(TEST);
    }

    @Test
    void keysAreListedNewestFirst() {
        create(Permissions.UNRESTRICTED, null);
        CLOCK.advance(Duration.ofSeconds(1));
        ApiKey newer = create(Permissions.UNRESTRICTED, null);

        assertThat(KEYS.list(account)).hasSize(2).first().isEqualTo(newer);
    }

    @Test
    void withoutPermissionsAKeyGetsTheDefaultOnesThatItsCreatorHas() {
        assertThat(create(Permissions.UNRESTRICTED, null).permissions().values())
                .containsExactly("tasks:read", "tasks:create");
        assertThat(create(Permissions.of(Permission.KEYS_MANAGE, Permission.TASKS_CREATE), null)
                        .permissions()
                        .values())
                .containsExactly("tasks:create");
        assertThatThrownBy(() -> create(Permissions.of(Permission.KEYS_MANAGE), null))
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("tasks:read");
    }

    @Test
    void aKeyGrantsNoMoreThanItsCreatorHas() {
        Permissions creator = Permissions.of(Permission.KEYS_MANAGE, Permission.TASKS_READ);

        assertThat(create(creator, List.of("tasks:read", "tasks:read"))
                        .permissions()
                        .values())
                .containsExactly("tasks:read");
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> create(creator, List.of("tasks:read", "billing:manage")))
                .withMessageContaining("'billing:manage'")
                .satisfies(denied -> assertThat(denied.permission()).isEqualTo(Permission.BILLING_MANAGE));
        assertThat(KEYS.list(account)).hasSize(1);
    }

    @Test
    void allPermissionsTogetherDoNotGrantTheWildcard() {
        Permissions each = new Permissions(EnumSet.complementOf(EnumSet.of(Permission.ALL)));

        assertThatThrownBy(() -> create(each, List.of("*")))
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("'*'");
        assertThat(create(Permissions.UNRESTRICTED, List.of("*")).permissions().values())
                .containsExactly("*");
    }

    @Test
    void everyViolationIsNamed() {
        InvalidInputException invalid = catchThrowableOfType(
                InvalidInputException.class,
                () -> KEYS.create(
                        account,
                        Permissions.UNRESTRICTED,
                        " ",
                        "\0",
                        List.of("tasks:read", "tasks:fly", "TASKS:READ"),
                        PROD));

        assertThat(invalid.violations())
                .extracting(Violation::field)
                .containsExactly("name", "description", "permissions[1]", "permissions[2]");
        assertThatThrownBy(() -> create(Permissions.UNRESTRICTED, List.of())).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aDeactivatedKeyStaysListedAndOpensNothing() {
        CreatedApiKey created = KEYS.create(account, Permissions.UNRESTRICTED, "Old", null, null, PROD);

        KEYS.deactivate(account, created.key().id());
        KEYS.deactivate(account, created.key().id());

        assertThat(KEYS.list(account)).extracting(ApiKey::active).containsExactly(false);
        assertThatThrownBy(() -> NODE.bearer(created.secret())).isInstanceOf(AuthenticationException.class);
    }

    @Test
    void anotherAccountsKeysDoNotExist() {
        UUID stranger = newAccount();
        CreatedApiKey created = KEYS.create(account, Permissions.UNRESTRICTED, "Mine", null, null, PROD);
        MapKey mapKey = NODE.mapKeys.create(account, "Mine");

        assertThatThrownBy(() -> KEYS.deactivate(stranger, created.key().id()))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("API key not found");
        assertThatThrownBy(() -> NODE.mapKeys.deactivate(stranger, mapKey.id()))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("API key not found");
        assertThat(KEYS.list(stranger)).isEmpty();
        assertThat(NODE.bearer(created.secret()).keyId())
                .isEqualTo(created.key().id());
        assertThat(NODE.bearer(mapKey.key()).accountId()).isEqualTo(account);
    }

    @Test
    void aMissingPermissionIsNamed() {
        Permissions readOnly = Permissions.of(Permission.TASKS_READ);

        readOnly.require(Permission.TASKS_READ);
        Permissions.UNRESTRICTED.require(Permission.WEBHOOKS_MANAGE);
        assertThatThrownBy(() -> readOnly.require(Permission.TASKS_DELETE))
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("tasks:delete");
    }

    private ApiKey create(Permissions creator, @Nullable List<String> permissions) {
        return KEYS.create(account, creator, "Key", null, permissions, PROD).key();
    }

    private static UUID newAccount() {
        return NODE.accounts
                .register("keys-" + UUID.randomUUID() + "@example.com", PASSWORD, null)
                .account()
                .id();
    }
}
