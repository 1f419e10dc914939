package io.bactrian.mail;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.util.Map;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Posts letters, each with the transaction that is the reason for it. */
@Service
public class Mails {
    private final Outbox outbox;

    Mails(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Has a letter sent if and only if the surrounding transaction commits. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void send(Mail mail) {
        outbox.write(Destination.MAILS_SEND, mail, Map.of(), null);
    }
}
