package io.bactrian.mail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Letters as they come from their queue, and what becomes of those that the mail server does not take. */
@Service
public class Letters {
    private static final Logger LOG = LoggerFactory.getLogger(Letters.class);

    private final Outbox outbox;
    private final MailSettings settings;
    private final LetterWriter writer;
    private final ObjectMapper json;
    private final Clock clock;
    private final boolean serverIsSet;
    private final AtomicBoolean warned = new AtomicBoolean();

    Letters(
            Outbox outbox,
            MailSettings settings,
            ObjectMapper json,
            Clock clock,
            @Value("${spring.mail.host:}") String host) {
        this.outbox = outbox;
        this.settings = settings;
        this.writer = new LetterWriter(settings.sender());
        this.json = json;
        this.clock = clock;
        this.serverIsSet = !host.isBlank();
    }

    /** The letter that a message holds. */
    public Letter read(String message) throws JsonProcessingException {
        return json.readValue(message, Letter.class);
    }

    /** Writes a letter as the mail server is given it; null when it cannot be sent, now or ever. */
    public @Nullable MimeMessage write(Letter letter) throws MessagingException {
        if (!serverIsSet) {
            if (!warned.getAndSet(true)) {
                LOG.warn(
                        "Mails are not sent, because there is no mail server: set spring.mail.host. Until then they are"
                                + " thrown away.");
            }
            return null;
        }
        try {
            return writer.write(letter);
        } catch (AddressException e) {
            LOG.warn("Mail {} is given up: its recipient is no e-mail address.", letter.id());
            return null;
        }
    }

    /** Has a letter that the server did not take sent again later, or gives it up. */
    @Transactional
    public void failed(Letter letter, MessagingException failure) {
        SendFailure reason = SendFailure.of(failure);
        Duration wait = settings.after(letter.attempts() + 1);
        String receiver = LetterAddress.withoutMailbox(letter.mail().to());
        if (reason.permanent() || wait == null) {
            LOG.warn(
                    "Mail {} to {} is given up after attempt {}: {}",
                    letter.id(),
                    receiver,
                    letter.attempts() + 1,
                    reason.description());
            return;
        }
        LOG.warn(
                "Mail {} to {} is tried again in {} s, after attempt {}: {}",
                letter.id(),
                receiver,
                wait.toSeconds(),
                letter.attempts() + 1,
                reason.description());
        outbox.write(
                Destination.MAILS_SEND,
                letter.afterFailure(),
                Map.of(),
                clock.instant().plus(wait));
    }
}
