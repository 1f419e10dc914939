package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import jakarta.mail.MessagingException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@ExtendWith(OutputCaptureExtension.class)
class LettersTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Mail MAIL = SentMails.mail("ada.lovelace@example.com", "Changed");

    private final SettableClock clock = new SettableClock();
    private final ObjectMapper json = new ObjectMapper().findAndRegisterModules();
    private final AnnotationConfigApplicationContext room = new AnnotationConfigApplicationContext();
    private final Outbox outbox = outbox();
    private final Letters letters = letters("mail.example");

    @AfterEach
    void closeRoom() {
        room.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aLetterIsPostedWithItsTransaction() throws Exception {
        DATABASE.transactions().executeWithoutResult(transaction -> new Mails(outbox, clock).send(MAIL));

        OutboxMessage message = onlyMessage();
        assertThat(message.destination()).isEqualTo(Destination.MAILS_SEND.name());
        Letter letter = letters.read(message.body());
        assertThat(letter.mail()).isEqualTo(MAIL);
        assertThat(letter.writtenAt()).isEqualTo(clock.instant());
        assertThat(letter.attempts()).isZero();
    }

    @Test
    void whatPassesIsTriedAgainLaterAndLaterAndGivenUpInTheEnd(CapturedOutput output) throws Exception {
        Letter letter = SentMails.letter(MAIL);
        for (Duration wait : List.of(Duration.ofMinutes(1), Duration.ofHours(6))) {
            fail(letter);
            OutboxMessage message = onlyMessage();
            assertThat(message.deliverAt()).isEqualTo(clock.instant().plus(wait));
            Letter next = letters.read(message.body());
            assertThat(next).isEqualTo(letter.afterFailure());
            letter = next;
        }
        fail(letter);

        assertThat(outbox.committed()).isEmpty();
        assertThat(output)
                .contains("is tried again in 60 s, after attempt 1")
                .contains("to …@example.com is given up after attempt 3")
                .doesNotContain("lovelace");
    }

    @Test
    void withoutAServerLettersAreThrownAwayAndThatIsSaidOnce(CapturedOutput output) throws Exception {
        Letters nowhere = letters(" ");

        assertThat(nowhere.write(SentMails.letter(MAIL))).isNull();
        assertThat(nowhere.write(SentMails.letter(MAIL))).isNull();

        assertThat(output.toString().split("set spring.mail.host", -1)).hasSize(2);
    }

    @Test
    void aLetterToNobodyIsGivenUp(CapturedOutput output) throws Exception {
        assertThat(letters.write(SentMails.letter(SentMails.mail("ada.lovelace at home", "Changed"))))
                .isNull();

        assertThat(output).contains("its recipient is no e-mail address").doesNotContain("lovelace");
    }

    private Outbox outbox() {
        room.registerBean(JdbcClient.class, DATABASE::jdbc);
        room.registerBean(ObjectMapper.class, () -> json);
        room.registerBean(Clock.class, () -> clock);
        room.register(Outbox.class);
        room.refresh();
        return room.getBean(Outbox.class);
    }

    private Letters letters(String host) {
        MailSettings settings =
                new MailSettings("bactrian@localhost", List.of(Duration.ofMinutes(1), Duration.ofHours(6)));
        return new Letters(outbox, settings, json, clock, host);
    }

    private void fail(Letter letter) {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> letters.failed(letter, new MessagingException("busy")));
    }

    private OutboxMessage onlyMessage() {
        List<OutboxMessage> messages = outbox.committed();
        assertThat(messages).hasSize(1);
        return messages.getFirst();
    }
}
