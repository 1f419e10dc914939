package io.bactrian.account;

import io.bactrian.NotFoundException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Registers accounts, signs their owners in, and reads them. */
@Service
public final class Accounts {
    private static final Duration LONGEST_REQUEST = Duration.ofMinutes(1);
    /** The name of the key that an account begins with. */
    static final String FIRST_KEY_NAME = "Default";

    private static final String COLUMNS =
            "id, number, email, name, avatar_url, selextract_plan, mapscraper_plan, is_active, created_at, updated_at";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Passwords passwords;
    private final SignInAttempts attempts;
    private final MapKeys mapKeys;
    private final Tokens tokens;
    private final Clock clock;

    Accounts(
            JdbcClient jdbc,
            TransactionTemplate transactions,
            Passwords passwords,
            SignInAttempts attempts,
            MapKeys mapKeys,
            Tokens tokens,
            Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.passwords = passwords;
        this.attempts = attempts;
        this.mapKeys = mapKeys;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * A new account with its first {@code msk_} key, in the caller's transaction if there is one. Where there is none yet,
     * {@link #register(String, String, String, Consumer)} is better: it hashes the password before it takes a connection.
     *
     * @throws io.bactrian.InvalidInputException if the e-mail, the password (8 to 128 characters) or the name is not valid
     * @throws EmailAlreadyRegisteredException if the e-mail has an account, in whatever letter case
     */
    public Registration register(String email, String password, @Nullable String name) {
        return register(email, password, name, account -> {});
    }

    /**
     * As {@link #register(String, String, String)}, with something to be done for the new account in the same transaction.
     *
     * @param welcome called once the account is there; if it throws, nothing has happened
     */
    public Registration register(String email, String password, @Nullable String name, Consumer<Account> welcome) {
        RegistrationRules.check(email, password, name);
        String hash = passwords.hash(password);
        return transactions.execute(transaction -> {
            Account account = insert(email, hash, name == null || name.isBlank() ? null : name)
                    .orElseThrow(EmailAlreadyRegisteredException::new);
            MapKey key = mapKeys.create(account.id(), FIRST_KEY_NAME);
            welcome.accept(account);
            return new Registration(account, key, tokens.issue(account.id(), Issuer.MAPSCRAPER));
        });
    }

    /**
     * Signs an account's owner in. Takes as long for an unknown e-mail as for a wrong password.
     *
     * @param address where the attempt comes from, as far as that can be told
     * @throws InvalidCredentialsException if no active account has that e-mail and password
     * @throws TooManySignInsException if too many attempts with that e-mail or from that address have failed
     * @throws SignInBusyException if too many sign in at once
     */
    public SignIn login(String email, String password, String address) {
        attempts.begin(email, address);
        Optional<Stored> stored = RegistrationRules.isEmail(email) ? findByEmail(email) : Optional.empty();
        String hash = stored.map(Stored::passwordHash).orElse(null);
        if (!passwords.matches(password, hash)) {
            throw new InvalidCredentialsException();
        }
        Account account =
                stored.map(Stored::account).filter(Account::active).orElseThrow(InvalidCredentialsException::new);
        attempts.succeeded(email, address);
        return new SignIn(account, tokens.issue(account.id(), Issuer.MAPSCRAPER));
    }

    /**
     * Changes the profile.
     *
     * @throws io.bactrian.InvalidInputException if the name or the picture's URL is not valid
     * @throws NotFoundException if there is no such account
     */
    public void update(UUID accountId, ProfileChange change) {
        RegistrationRules.check(change);
        int found = jdbc.sql("""
                        update account set
                            name = case when :changesName then :name else name end,
                            avatar_url = case when :changesAvatarUrl then :avatarUrl else avatar_url end,
                            updated_at = :now
                        where id = :id and is_active
                        """)
                .param("id", accountId)
                .param("changesName", change.changesName())
                .param("name", change.name(), Types.VARCHAR)
                .param("changesAvatarUrl", change.changesAvatarUrl())
                .param("avatarUrl", change.avatarUrl(), Types.VARCHAR)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .update();
        if (found == 0) {
            throw new NotFoundException("Account");
        }
    }

    /**
     * Closes an account: every credential of it is worthless at once, and its personal data is gone. The row stays, because
     * the ledger refers to it; the e-mail may be registered anew.
     */
    public void close(UUID accountId) {
        transactions.executeWithoutResult(transaction -> {
            jdbc.sql("""
                            update account set
                                email = 'deleted-' || id || '@deleted.invalid', name = null, avatar_url = null,
                                password_hash = null, email_verified_at = null, is_active = false, closed_at = :now, updated_at = :now
                            where id = :id and is_active
                            """)
                    .param("id", accountId)
                    .param("now", Timestamps.parameter(Timestamps.now(clock)))
                    .update();
            for (String table : List.of("api_key", "map_key", "external_identity")) {
                jdbc.sql("delete from " + table + " where account_id = :id")
                        .param("id", accountId)
                        .update();
            }
        });
    }

    /**
     * Some of the closed accounts whose results are not all erased yet, in the order of their ids.
     *
     * @param after only those with a larger id, or null for the first ones
     */
    List<UUID> closing(@Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select id from account where closed_at is not null and erased_at is null
                           and (cast(:after as uuid) is null or id > :after)
                        order by id limit :limit
                        """)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    /** Notes that nothing is left of a closed account, once every request is over that had begun before it was closed. */
    public void erased(UUID accountId) {
        jdbc.sql("update account set erased_at = :now where id = :id and closed_at < :before")
                .param("id", accountId)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .param("before", Timestamps.parameter(clock.instant().minus(LONGEST_REQUEST)))
                .update();
    }

    /**
     * The account with that id.
     *
     * @throws NotFoundException if there is no such account
     */
    public Account find(UUID accountId) {
        return jdbc.sql("select " + COLUMNS + " from account where id = :id")
                .param("id", accountId)
                .query((row, number) -> read(row))
                .optional()
                .orElseThrow(() -> new NotFoundException("Account"));
    }

    /**
     * The open account with that e-mail, in whatever letter case.
     *
     * @throws NotFoundException if there is no such account
     */
    public Account findBy(String email) {
        return findByEmail(email)
                .map(Stored::account)
                .filter(Account::active)
                .orElseThrow(() -> new NotFoundException("Account"));
    }

    /** Notes the account's Selextract plan; what follows from it is the business of whoever sells plans. */
    public void changeSelextractPlan(UUID accountId, String planId) {
        changePlan("update account set selextract_plan = :plan, updated_at = :now where id = :id", accountId, planId);
    }

    /** Notes the account's MapScraper plan; what follows from it is the business of whoever sells plans. */
    public void changeMapscraperPlan(UUID accountId, String planId) {
        changePlan("update account set mapscraper_plan = :plan, updated_at = :now where id = :id", accountId, planId);
    }

    private void changePlan(String update, UUID accountId, String planId) {
        jdbc.sql(update)
                .param("plan", planId)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .param("id", accountId)
                .update();
    }

    /**
     * What the account's owner may read of it, the {@code msk_} keys in full included.
     *
     * @throws NotFoundException if there is no such account
     */
    public Profile profile(UUID accountId) {
        return new Profile(find(accountId), mapKeys.list(accountId));
    }

    /** Empty when the e-mail is taken; waits for a registration of the same e-mail that is under way. */
    Optional<Account> insert(String email, @Nullable String passwordHash, @Nullable String name) {
        return jdbc.sql("""
                        insert into account (id, email, name, password_hash, created_at, updated_at)
                        values (:id, :email, :name, :passwordHash, :now, :now)
                        on conflict (lower(email)) do nothing
                        returning %s
                        """.formatted(COLUMNS))
                .param("id", UUID.randomUUID())
                .param("email", email)
                .param("name", name, Types.VARCHAR)
                .param("passwordHash", passwordHash, Types.VARCHAR)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .query((row, number) -> read(row))
                .optional();
    }

    /** The account that is known to have that e-mail, kept from change until the transaction ends. */
    Account lockByEmail(String email) {
        return jdbc.sql("select " + COLUMNS + " from account where lower(email) = lower(:email) for update")
                .param("email", email)
                .query((row, number) -> read(row))
                .single();
    }

    /** The account with its name and picture filled in where it has none. */
    Account complete(UUID accountId, @Nullable String name, @Nullable String avatarUrl) {
        jdbc.sql("""
                        update account set name = coalesce(name, :name), avatar_url = coalesce(avatar_url, :avatarUrl),
                            updated_at = :now
                        where id = :id and (name is null and cast(:name as text) is not null
                            or avatar_url is null and cast(:avatarUrl as text) is not null)
                        """)
                .param("name", name, Types.VARCHAR)
                .param("avatarUrl", avatarUrl, Types.VARCHAR)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .param("id", accountId)
                .update();
        return find(accountId);
    }

    private Optional<Stored> findByEmail(String email) {
        return jdbc.sql("select password_hash, " + COLUMNS + " from account where lower(email) = lower(:email)")
                .param("email", email)
                .query((row, number) -> new Stored(read(row), row.getString("password_hash")))
                .optional();
    }

    private record Stored(Account account, @Nullable String passwordHash) {}

    private static Account read(ResultSet row) throws SQLException {
        return new Account(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                row.getString("email"),
                row.getString("name"),
                row.getString("avatar_url"),
                row.getString("selextract_plan"),
                row.getString("mapscraper_plan"),
                row.getBoolean("is_active"),
                Timestamps.read(row, "created_at"),
                Timestamps.read(row, "updated_at"));
    }
}
