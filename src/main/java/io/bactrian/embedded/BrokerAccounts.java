package io.bactrian.embedded;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose events the broker's users may read: a file of users and the accounts that each is bound to, read again when it changes.
 * While what was changed is not valid, what was valid before holds.
 */
final class BrokerAccounts {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerAccounts.class);
    private static final String ALL = "*";
    private static final Pattern ACCOUNT =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private volatile Map<String, Set<String>> accounts;
    private volatile FileTime modified;
    private volatile long looked = System.nanoTime();

    /** @throws StartupRefusedException when the file cannot be read, or something in it is not valid */
    BrokerAccounts(Path file) {
        this.file = file.toAbsolutePath().normalize();
        try {
            this.modified = Files.getLastModifiedTime(this.file);
            this.accounts = read();
        } catch (IOException e) {
            throw new StartupRefusedException(
                    "The file %s of the accounts of the broker's users cannot be read. Restore it, or set BACTRIAN_BROKER_ACCOUNTS to another file."
                            .formatted(file),
                    e);
        }
    }

    private Map<String, Set<String>> read() throws IOException {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            lines.load(reader);
        } catch (IllegalArgumentException e) {
            throw new IOException(e);
        }
        Map<String, Set<String>> read = new HashMap<>();
        for (String user : lines.stringPropertyNames()) {
            Set<String> bound = Arrays.stream(lines.getProperty(user).split(",", -1))
                    .map(account -> account.strip().toLowerCase(Locale.ROOT))
                    .filter(account -> !account.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
            for (String account : bound) {
                if (!account.equals(ALL) && !ACCOUNT.matcher(account).matches()) {
                    throw new StartupRefusedException(
                            "In %s, the user %s is bound to \"%s\", which is no account: write ids of accounts (UUIDs) with commas between them, or * for all."
                                    .formatted(file, user, account));
                }
            }
            read.put(user, bound);
        }
        return read;
    }

    /** Whether a user may read what belongs to all accounts. */
    boolean all(@Nullable String user) {
        return of(user).contains(ALL);
    }

    /** Whether a user may read what belongs to an account. */
    boolean allows(@Nullable String user, @Nullable String account) {
        Set<String> bound = of(user);
        return bound.contains(ALL) || (account != null && bound.contains(account.toLowerCase(Locale.ROOT)));
    }

    private Set<String> of(@Nullable String user) {
        if (user == null) {
            return Set.of();
        }
        if (System.nanoTime() - looked > BETWEEN_LOOKS) {
            look();
        }
        return accounts.getOrDefault(user, Set.of());
    }

    private synchronized void look() {
        looked = System.nanoTime();
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(modified)) {
                modified = now;
                accounts = read();
            }
        } catch (IOException | StartupRefusedException e) {
            LOG.warn("What was changed in {} does not hold: {}", file, e.getMessage());
        }
    }
}
