package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.net.Webhook;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.ProviderStories.End;
import io.bactrian.billing.ProviderStories.Told;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyEvents;
import io.bactrian.billing.stripe.StripeEvents;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The events of many customers at two nodes in one JVM, each three times, in whatever order. */
class BillingStormTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final String SECRET = "whsec_of_the_storm";
    private static final BillingNode FIRST = node();
    private static final BillingNode SECOND = node();
    private static final int THREADS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static BillingNode node() {
        ObjectMapper json = new ObjectMapper();
        return new BillingNode(
                DATABASE, CLOCK, List.of(new StripeEvents(SECRET, json, CLOCK), new LemonSqueezyEvents(SECRET, json)));
    }

    @AfterAll
    static void close() {
        FIRST.close();
        SECOND.close();
        DATABASE.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverTheOrderIsEachCustomerEndsAsTheStoryDoes(long seed) {
        FIRST.at("2026-06-15T10:00:00Z");
        ProviderStories stories = new ProviderStories(seed, CLOCK.instant(), 0, false);
        StoryBooks books = new StoryBooks(DATABASE.jdbc());
        List<End> ends = new ArrayList<>();
        for (int customer = 0; customer < 12; customer++) {
            ends.add(stories.tell(FIRST.open()));
        }
        stories.sales().forEach(sale -> books.add(sale, true));
        List<Told> events = new ArrayList<>();
        for (int time = 0; time < 3; time++) {
            events.addAll(stories.events());
        }
        Collections.shuffle(events, new Random(seed));

        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < events.size(); i++) {
                Told event = events.get(i);
                BillingNode node = i % 2 == 0 ? FIRST : SECOND;
                threads.execute(() -> receive(node, event));
            }
        }
        Instant received = CLOCK.instant();
        while (books.unfinished() > 0) {
            if (deliverDue() == 0) {
                CLOCK.advance(Duration.ofSeconds(1));
            }
            assertThat(CLOCK.instant())
                    .as("the time until all is applied: %s", books.reasons())
                    .isBefore(received.plus(LIMIT));
        }

        assertThat(ends).flatExtracting(books::differences).isEmpty();
        assertThat(FIRST.differences()).isEmpty();
    }

    private static void receive(BillingNode node, Told event) {
        byte[] body = event.body().getBytes(StandardCharsets.UTF_8);
        String signature = event.provider() == Provider.STRIPE ? stripeSignature(event.body()) : lemonSignature(body);
        node.get(BillingEvents.class).receive(event.provider(), body, name -> signature);
    }

    private static String stripeSignature(String body) {
        try {
            return Webhook.Signature.generateSignatureHeader(
                    body, SECRET, CLOCK.instant().getEpochSecond());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String lemonSignature(byte[] body) {
        return new String(LemonSqueezyEvents.signature(body, SECRET), StandardCharsets.UTF_8);
    }

    private record Message(UUID id, String body) {}

    /** Delivers what a broker would, over both nodes at once. */
    private static int deliverDue() {
        List<Message> messages = DATABASE.jdbc()
                .sql(
                        "SELECT id, body FROM outbox WHERE destination = 'BILLING_EVENTS' AND (deliver_at IS NULL OR deliver_at <= ?) ORDER BY random()")
                .param(Timestamp.from(CLOCK.instant()))
                .query((row, number) -> new Message(row.getObject(1, UUID.class), row.getString(2)))
                .list();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < messages.size(); i++) {
                Message message = messages.get(i);
                BillingNode node = i % 2 == 0 ? FIRST : SECOND;
                threads.execute(() -> deliver(node, message));
            }
        }
        return messages.size();
    }

    /** A message whose work fails stays. */
    private static void deliver(BillingNode node, Message message) {
        try {
            node.get(BillingEvents.class).apply(message.body());
            DATABASE.jdbc()
                    .sql("DELETE FROM outbox WHERE id = ?")
                    .param(message.id())
                    .update();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
