package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.Violation;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final AccountNode NODE = new AccountNode(DATABASE, CLOCK);
    private static final Accounts ACCOUNTS = NODE.accounts;

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aRegistrationMakesAnAccountWithAKeyAndAToken() {
        Registration registration = ACCOUNTS.register("John.Doe@Example.com", PASSWORD, "John Doe");

        Account account = registration.account();
        assertThat(account.number()).isPositive();
        assertThat(account.email()).isEqualTo("John.Doe@Example.com");
        assertThat(account.name()).isEqualTo("John Doe");
        assertThat(account.selextractPlan()).isEqualTo("free");
        assertThat(account.mapscraperPlan()).isEqualTo("free");
        assertThat(account.active()).isTrue();
        assertThat(account.createdAt()).isEqualTo(CLOCK.instant().truncatedTo(ChronoUnit.MICROS));
        assertThat(registration.mapKey().name()).isEqualTo("Default");
        assertThat(registration.mapKey().key()).matches("msk_[0-9A-Za-z]{32,}");
        assertThat(NODE.bearer(registration.token()).accountId()).isEqualTo(account.id());
        assertThat(NODE.bearer(registration.mapKey().key()).accountId()).isEqualTo(account.id());
        assertThat(ACCOUNTS.find(account.id())).isEqualTo(account);
    }

    @Test
    void theProfileShowsEveryMapKeyInFull() {
        Registration registration = ACCOUNTS.register("profile@example.com", PASSWORD, null);
        UUID id = registration.account().id();
        MapKey second = NODE.mapKeys.create(id, null);
        NODE.mapKeys.deactivate(id, second.id());

        Profile profile = ACCOUNTS.profile(id);

        assertThat(profile.account()).isEqualTo(registration.account());
        assertThat(profile.mapKeys())
                .extracting(MapKey::key)
                .containsExactly(registration.mapKey().key(), second.key());
        assertThat(profile.mapKeys()).extracting(MapKey::active).containsExactly(true, false);
        assertThat(second.name()).isEqualTo(second.createdAt().toString());
    }

    @Test
    void noSecretIsStoredInTheClear() {
        Registration registration = ACCOUNTS.register("secrets@example.com", PASSWORD, null);

        String hash = DATABASE.jdbc()
                .sql("select password_hash from account where id = :id")
                .param("id", registration.account().id())
                .query(String.class)
                .single();
        String key = DATABASE.jdbc()
                .sql(
                        "select encode(ciphertext, 'escape') || encode(hash, 'escape') from map_key where account_id = :id")
                .param("id", registration.account().id())
                .query(String.class)
                .single();

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(key).doesNotContain(registration.mapKey().key().substring(4));
        assertThat(registration.toString()).doesNotContain(registration.mapKey().key(), registration.token());
    }

    @Test
    void anEmailIsOneAddressInWhateverCase() {
        ACCOUNTS.register("Case@Example.com", PASSWORD, null);

        assertThatThrownBy(() -> ACCOUNTS.register("cASE@eXAMPLE.COM", PASSWORD, null))
                .isInstanceOf(EmailAlreadyRegisteredException.class)
                .hasMessage("Email already registered");
        assertThat(ACCOUNTS.login("CASE@example.com", PASSWORD, "192.0.2.1")
                        .account()
                        .email())
                .isEqualTo("Case@Example.com");
    }

    @Test
    void oneOfManyRegistrationsAtOnceWins() throws Exception {
        int attempts = 12;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Registration>> futures = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < attempts; i++) {
                String email = i % 2 == 0 ? "race@example.com" : "RACE@example.com";
                futures.add(threads.submit(() -> {
                    start.await();
                    return ACCOUNTS.register(email, PASSWORD, null);
                }));
            }
            start.countDown();
        }

        int registered = 0;
        for (Future<Registration> future : futures) {
            if (future.state() == Future.State.SUCCESS) {
                registered++;
            } else {
                assertThatThrownBy(future::get)
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOf(EmailAlreadyRegisteredException.class);
            }
        }
        assertThat(registered).isEqualTo(1);
        assertThat(count("select count(*) from account where lower(email) = 'race@example.com'"))
                .isEqualTo(1);
    }

    @Test
    void aRegistrationJoinsTheCallersTransaction() {
        DATABASE.transactions().executeWithoutResult(transaction -> {
            ACCOUNTS.register("undone@example.com", PASSWORD, null);
            transaction.setRollbackOnly();
        });

        assertThat(count("select count(*) from account where email = 'undone@example.com'"))
                .isZero();
    }

    @Test
    void aFailingWelcomeUndoesTheRegistration() {
        assertThatThrownBy(() -> ACCOUNTS.register("unwelcome@example.com", PASSWORD, null, account -> {
                    throw new IllegalArgumentException("no bonus");
                }))
                .hasMessage("no bonus");

        assertThat(count("select count(*) from account where email = 'unwelcome@example.com'"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "@example.com",
                "a@",
                "a@b",
                "a@@example.com",
                "a b@example.com",
                ".a@example.com",
                "a.@example.com",
                "a..b@example.com",
                "a@-example.com",
                "a@example-.com",
                "a@exa_mple.com",
                "a@example.1",
                "a@example..com",
                "a@example.com.",
                "a@[127.0.0.1]",
                "a@example.com\n",
                "\"a\"@example.com",
                "ü@example.com",
                "a\0@example.com"
            })
    void anAddressThatIsNoneIsRefused(String email) {
        assertThat(violations(email, PASSWORD, null))
                .extracting(Violation::field)
                .containsExactly("email");
    }

    @Test
    void anAddressIsLimitedInLength() {
        String domain = ("b".repeat(61) + ".").repeat(3) + "com";

        assertThat(RegistrationRules.isEmail("a".repeat(64) + "@" + domain)).isTrue();
        assertThat(RegistrationRules.isEmail("a".repeat(65) + "@" + domain)).isFalse();
        assertThat(RegistrationRules.isEmail("a".repeat(64) + "@" + "b." + domain))
                .isFalse();
    }

    @Test
    void aPasswordHas8To128CodePoints() {
        assertThat(violations("short@example.com", "1234567", null))
                .containsExactly(new Violation("password", "Password must be at least 8 characters"));
        assertThat(violations("long@example.com", "x".repeat(129), null))
                .containsExactly(new Violation("password", "Password must be at most 128 characters"));
        assertThat(violations("nul@example.com", "12345678\0", null)).hasSize(1);
        assertThat(violations("half@example.com", "12345678\ud800", null)).hasSize(1);
        String faces = "\uD83D\uDC2B".repeat(128);
        ACCOUNTS.register("faces@example.com", faces, null);
        assertThat(ACCOUNTS.login("faces@example.com", faces, "192.0.2.1")
                        .account()
                        .email())
                .isEqualTo("faces@example.com");
    }

    @Test
    void everyViolationIsReportedAtOnce() {
        assertThat(violations("nobody", "short", "two\nlines"))
                .extracting(Violation::field)
                .containsExactly("email", "password", "name");
    }

    @Test
    void aLoginGivesAToken() {
        Registration registration = ACCOUNTS.register("login@example.com", PASSWORD, null);

        SignIn signIn = ACCOUNTS.login("login@example.com", PASSWORD, "192.0.2.1");

        assertThat(signIn.account()).isEqualTo(registration.account());
        assertThat(NODE.bearer(signIn.token()).issuer()).isEqualTo(Issuer.MAPSCRAPER);
    }

    @Test
    void everyWrongLoginGetsTheSameAnswer() {
        Registration closed = ACCOUNTS.register("closed@example.com", PASSWORD, null);
        ACCOUNTS.register("open@example.com", PASSWORD, null);
        ACCOUNTS.register("elsewhere@example.com", PASSWORD, null);
        DATABASE.jdbc()
                .sql("update account set is_active = false where id = :id")
                .param("id", closed.account().id())
                .update();
        DATABASE.jdbc()
                .sql("update account set password_hash = null where email = 'elsewhere@example.com'")
                .update();

        assertRefused("open@example.com", PASSWORD + "x");
        assertRefused("unknown@example.com", PASSWORD);
        assertRefused("closed@example.com", PASSWORD);
        assertRefused("elsewhere@example.com", PASSWORD);
        assertRefused("open@example.com", "");
        assertRefused("open@example.com", "\0");
        assertRefused("open@example.com", "x".repeat(1_000_000));
        assertRefused("\0", PASSWORD);
        assertRefused("' or true --@example.com", PASSWORD);
    }

    @Test
    void anUnknownEmailTakesAsLongAsAWrongPassword() {
        ACCOUNTS.register("timing@example.com", PASSWORD, null);
        for (int i = 0; i < 10; i++) {
            fastestLogin("timing@example.com", 1);
            fastestLogin("nobody@example.com", 1);
        }

        long known = fastestLogin("timing@example.com", 10);
        long unknown = fastestLogin("nobody@example.com", 10);

        // Without the dummy hash the second is some twenty times faster; a busy machine may distort, but not so far.
        assertThat((double) unknown / known).isBetween(0.4, 2.5);
    }

    @Test
    void anUnknownAccountIsNotFound() {
        assertThatThrownBy(() -> ACCOUNTS.find(UUID.randomUUID())).isInstanceOf(NotFoundException.class);
    }

    private static long fastestLogin(String email, int times) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            assertRefused(email, "not the password");
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return fastest;
    }

    private static void assertRefused(String email, String password) {
        assertThatThrownBy(() -> ACCOUNTS.login(email, password, "192.0.2.2"))
                .isInstanceOf(InvalidCredentialsException.class)
                .hasMessage("Invalid credentials");
    }

    private static List<Violation> violations(String email, String password, @Nullable String name) {
        return catchThrowableOfType(InvalidInputException.class, () -> ACCOUNTS.register(email, password, name))
                .violations();
    }

    private static long count(String sql) {
        return DATABASE.jdbc().sql(sql).query(Long.class).single();
    }
}
