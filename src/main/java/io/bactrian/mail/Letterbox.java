package io.bactrian.mail;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Puts e-mails into the outbox, each with the surrounding transaction. */
@Component
class Letterbox {
    private final Outbox outbox;
    private final Clock clock;
    private final boolean open;

    Letterbox(Outbox outbox, Clock clock, @Value("${spring.mail.host:}") String host) {
        this.outbox = outbox;
        this.clock = clock;
        this.open = !host.isBlank();
    }

    /** Whether there is a mail server. Without one, what is put here is discarded. */
    boolean open() {
        return open;
    }

    /**
     * @param accountId whose e-mail it is; null for one to the operator
     * @param confirmation whether it asks its reader to confirm, and has the link for that
     */
    void post(Mail mail, @Nullable UUID accountId, boolean confirmation) {
        outbox.write(
                Destination.MAILS_SEND,
                new Letter(UUID.randomUUID(), clock.instant(), 0, mail, accountId, confirmation),
                Map.of(),
                null);
    }
}
