package io.bactrian.mail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.micrometer.core.instrument.MeterRegistry;
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
    private final EmailLinks links;
    private final Recipients recipients;
    private final MeterRegistry meters;
    private final ObjectMapper json;
    private final Clock clock;
    private final boolean serverIsSet;
    private final AtomicBoolean warned = new AtomicBoolean();

    Letters(
            Outbox outbox,
            MailSettings settings,
            EmailLinks links,
            Recipients recipients,
            MeterRegistry meters,
            ObjectMapper json,
            Clock clock,
            @Value("${spring.mail.host:}") String host) {
        this.outbox = outbox;
        this.settings = settings;
        this.writer = new LetterWriter(settings.sender());
        this.links = links;
        this.recipients = recipients;
        this.meters = meters;
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
        if (letter.writtenAt().plus(settings.giveUpAfter()).isBefore(clock.instant())) {
            giveUp(letter, "age", "It is older than bactrian.mail.give-up-after.");
            return null;
        }
        Recipient recipient = letter.accountId() == null
                ? null
                : Recipient.of(letter.accountId(), letter.mail().to());
        if (recipient != null && recipients.consent(recipient).unsubscribed()) {
            LOG.info("Mail {} is not sent: its reader has unsubscribed since.", letter.id());
            return null;
        }
        try {
            return writer.write(
                    letter, recipient == null ? LetterLinks.NONE : links.of(recipient, letter.confirmation()));
        } catch (AddressException e) {
            giveUp(letter, "address", "Its recipient is no e-mail address.");
            return null;
        }
    }

    /** Has a letter that the server did not take sent again later, or gives it up. */
    @Transactional
    public void failed(Letter letter, MessagingException failure) {
        SendFailure reason = SendFailure.of(failure);
        tryAgain(letter, reason.description(), reason.permanent());
    }

    /** Has a letter that the service itself failed to send sent again later, or gives it up. */
    @Transactional
    public void broken(Letter letter, Exception failure) {
        tryAgain(letter, "The service failed: " + LetterText.line(failure.toString()), false);
    }

    private void tryAgain(Letter letter, String reason, boolean refused) {
        Duration wait = settings.after(letter.attempts() + 1);
        if (refused || wait == null) {
            giveUp(letter, refused ? "refused" : "attempts", reason);
            return;
        }
        LOG.warn(
                "Mail {} to {} is tried again in {} s, after attempt {}: {}",
                letter.id(),
                LetterAddress.withoutMailbox(letter.mail().to()),
                wait.toSeconds(),
                letter.attempts() + 1,
                reason);
        outbox.write(
                Destination.MAILS_SEND,
                letter.afterFailure(),
                Map.of(),
                clock.instant().plus(wait));
    }

    private void giveUp(Letter letter, String kind, String reason) {
        meters.counter("bactrian.mails.given-up", "reason", kind).increment();
        LOG.warn(
                "Mail {} to {} is given up after {} attempts: {}",
                letter.id(),
                LetterAddress.withoutMailbox(letter.mail().to()),
                letter.attempts() + (kind.equals("refused") || kind.equals("attempts") ? 1 : 0),
                reason);
    }
}
