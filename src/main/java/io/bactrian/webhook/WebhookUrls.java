package io.bactrian.webhook;

import io.bactrian.InvalidInputException;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Which URLs may receive webhooks: https, and http where {@code bactrian.egress.webhooks.allow} opens the host; no address
 * that the guard of webhooks forbids.
 */
@Component
public final class WebhookUrls {
    private static final Duration LONGEST_LOOKUP = Duration.ofSeconds(5);

    /** Of the URL as it is asked, which is ASCII: what common web servers take for a request line. */
    static final int MOST_BYTES = 8_000;

    private final EgressGuard guard;

    WebhookUrls(@Qualifier("webhookGuard") EgressGuard guard) {
        this.guard = guard;
    }

    /**
     * The URL in the form in which it will be asked, as text. A host that does not resolve now may do so later, and is accepted.
     *
     * @param field what the client calls it
     * @throws InvalidInputException if nothing may be sent there
     */
    public String check(String field, String text) {
        try {
            HttpUrl url = HttpUrl.parse(text);
            if (url.toString().length() > MOST_BYTES) {
                throw new InvalidInputException(
                        field,
                        "%s must have at most %d bytes when it is percent-encoded.".formatted(field, MOST_BYTES));
            }
            if (url.isSecure()) {
                resolve(url);
            } else if (!isOpened(url)) {
                throw new InvalidInputException(field, field + " must begin with https://.");
            }
            return url.toString();
        } catch (EgressRefusedException refused) {
            throw new InvalidInputException(field, field + " may not receive webhooks: " + refused.getMessage());
        }
    }

    private void resolve(HttpUrl url) {
        try {
            guard.check(url, Deadline.in(LONGEST_LOOKUP));
        } catch (EgressFailedException unresolved) {
            // It is checked again before each attempt.
        }
    }

    private boolean isOpened(HttpUrl url) {
        try {
            return guard.isException(url, Deadline.in(LONGEST_LOOKUP));
        } catch (EgressFailedException unresolved) {
            return false;
        }
    }
}
