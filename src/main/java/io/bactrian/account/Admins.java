package io.bactrian.account;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The accounts that may administer this service: those whose e-mail is in {@code bactrian.admin.emails}. */
@Component
public final class Admins {
    private final Set<String> emails;

    Admins(@Value("${bactrian.admin.emails:}") List<String> emails) {
        this.emails = emails.stream()
                .map(email -> email.strip().toLowerCase(Locale.ROOT))
                .filter(email -> !email.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
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
