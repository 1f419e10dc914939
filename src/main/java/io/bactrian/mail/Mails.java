package io.bactrian.mail;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Posts letters, each with the transaction that is the reason for it. */
@Service
public class Mails {
    private final Outbox outbox;
    private final Clock clock;

    Mails(Outbox outbox, Clock clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * Has a letter sent if and only if the surrounding transaction commits. A letter that cannot be sent, as to an address that
     * is none, is given up with a warning in the log.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void send(Mail mail) {
        outbox.write(Destination.MAILS_SEND, new Letter(UUID.randomUUID(), clock.instant(), 0, mail), Map.of(), null);
    }
}
