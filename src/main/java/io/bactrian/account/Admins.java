package io.bactrian.account;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The accounts that may administer this service: those whose e-mail is in {@code bactrian.admin.emails}.
 *
 * <p>Registration verifies no e-mail, so one that is listed before its owner has an account is anybody's to take; the start
 * warns of those.
 */
@Component
public final class Admins implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger(Admins.class);

    private final JdbcClient jdbc;
    private final Set<String> emails;

    Admins(JdbcClient jdbc, @Value("${bactrian.admin.emails:}") List<String> emails) {
        this.jdbc = jdbc;
        this.emails = emails.stream()
                .map(email -> email.strip().toLowerCase(Locale.ROOT))
                .filter(email -> !email.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void afterPropertiesSet() {
        for (String email : emails) {
            boolean registered = jdbc.sql("select exists (select from account where lower(email) = :email)")
                    .param("email", email)
                    .query(Boolean.class)
                    .single();
            if (!registered) {
                LOG.warn(
                        "Nobody has registered {} of bactrian.admin.emails yet: whoever does is an administrator. Register it now.",
                        email);
            }
        }
    }

    /**
     * Lets only administrators pass, by the token or session of their sign-in: no key administers, whatever it may do.
     *
     * @throws AdminOnlyException if the caller is none, or shows a key
     */
    public void require(Caller caller) {
        boolean signedIn = switch (caller.credential()) {
            case TOKEN, SESSION -> true;
            case API_KEY, MAP_KEY -> false;
        };
        if (!signedIn || !emails.contains(caller.email().toLowerCase(Locale.ROOT))) {
            throw new AdminOnlyException();
        }
    }
}
