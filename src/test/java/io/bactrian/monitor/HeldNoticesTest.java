package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.mail.MailRoom;
import io.bactrian.task.Task;
import io.bactrian.task.TaskLog;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Monitoring tasks are no way to write to strangers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeldNoticesTest {
    private final MonitorRoom room = new MonitorRoom(MailRoom.WithServer.class);
    private final JdbcClient database = room.tasks().get(JdbcClient.class);

    @AfterAll
    void close() {
        room.close();
    }

    @Test
    void aStrangerIsAskedOnceWhateverChangesAndTheTasksLogTellsItsOwner() {
        UUID account = account("mallory@example.com", true);
        Task task = watch(account, "stranger@example.com");
        for (int hour = 1; hour <= 5; hour++) {
            change("stranger", hour);
        }

        List<JsonNode> mails = room.mails();
        assertThat(mails).singleElement().satisfies(mail -> {
            assertThat(mail.path("to").asText()).isEqualTo("stranger@example.com");
            assertThat(mail.toString())
                    .contains("mallory@example.com")
                    .doesNotContain("Watch", "price", url("stranger"));
        });
        assertThat(log(task))
                .hasSize(5)
                .allMatch(line -> line.startsWith("The e-mail to stranger@example.com was not sent."));

        MailRoom.confirm(database, room.tasks().clock(), account, "stranger@example.com");
        change("stranger", 6);
        assertThat(room.mails())
                .extracting(mail -> mail.path("subject").asText())
                .containsExactly("1 value changed: \u201cWatch\u201d");
        assertThat(log(task)).hasSize(5);
    }

    @Test
    void anAccountWithAnUnverifiedAddressSendsNoNoticesNotEvenToItself() {
        UUID account = account("eve@example.com", false);
        watch(account, "eve@example.com");
        change("eve", 1);
        change("eve", 2);

        assertThat(room.mails())
                .extracting(mail -> mail.path("subject").asText())
                .containsExactly("Verify your e-mail address");
    }

    private UUID account(String email, boolean verified) {
        UUID account = MailRoom.account(database, room.tasks().clock(), email, verified);
        room.tasks()
                .transactions()
                .executeWithoutResult(transaction -> room.tasks()
                        .get(Ledger.class)
                        .grant(account, Currency.COMPUTE_UNITS, 1_000, "sign-up", "Welcome"));
        return account;
    }

    private Task watch(UUID account, String email) {
        String page = email.replaceFirst("@.*", "");
        change(page, 0);
        Task task = room.create(account, List.of(url(page)), "{\"notification_email\": \"%s\"}".formatted(email));
        room.deliver();
        return task;
    }

    private static String url(String page) {
        return "https://shop.example/" + page;
    }

    private void change(String page, int price) {
        room.pages.put(url(page), "{\"price\": \"%d euros\"}".formatted(price));
        if (price > 0) {
            room.hour();
        }
    }

    private List<String> log(Task task) {
        return room.tasks().get(TaskLog.class).read(task.id(), 1, 100).entries().stream()
                .filter(entry -> entry.level() == TaskLog.Level.WARNING)
                .map(TaskLog.Entry::message)
                .toList();
    }
}
