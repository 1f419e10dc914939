package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.flow.BrokerPort.Protocol;
import io.bactrian.flow.QueueProducer.Letter;
import io.bactrian.flow.QueueProducer.Received;
import io.bactrian.flow.QueueProducer.Subscription;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Enterprise systems send tasks by messages, over the three protocols of the broker. */
@ExtendWith(RunningService.class)
class IntakeTest {
    private static final String DEAD_LETTERS = "bactrian.tasks.inbox.dlq";
    private static final String EVENTS = "bactrian.tasks.events";

    private final BrokerPort broker;
    private final Account account;
    private final String key;
    private final String task = TaskRequest.simple("http://10.0.0.1/").json().toString();

    IntakeTest(Service service, BrokerPort broker) {
        this.broker = broker;
        this.account = service.register();
        this.key = account.mapKey();
    }

    @ParameterizedTest
    @EnumSource
    void aTaskIsMadeAndItsMessageAnsweredAsTheRequestWouldBe(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            producer.send(QueueProducer.INBOX, letter(task).correlated("order-1"));

            Received answer = producer.answer();

            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(answer.correlationId()).isEqualTo("order-1");
            assertThat(answer.properties()).containsEntry("content_type", "application/json");
            String id = answer.json().path("id").asText();
            assertThat(account.task(id).path("name").asText()).isEqualTo("A task");
            assertThat(answer.json().path("status").asText()).isEqualTo("pending");
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesAreReadAsTextIs(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            producer.send(QueueProducer.INBOX, letter(task.getBytes(StandardCharsets.UTF_8)));

            assertThat(producer.answer().status()).isEqualTo(201);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListOfUrlsInCsvIsABulkTask(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            Map<String, Object> properties = new HashMap<>(Map.of(
                    "api_key", account.newKey("prod", "tasks:create"),
                    "content_type", "text/csv",
                    "task_name", "A list: of URLs",
                    "selectors", "{\"title\": \"h1\"}"));
            producer.send(
                    QueueProducer.INBOX,
                    Letter.of("url\r\nhttp://10.0.0.1/\r\n\"http://10.0.0.2/?a=1,2\"\r\n", properties));

            Received answer = producer.answer();

            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            JsonNode made = account.task(answer.json().path("id").asText());
            assertThat(made.path("task_type").asText()).isEqualTo("bulk_scraping");
            assertThat(made.path("name").asText()).isEqualTo("A list: of URLs");
            assertThat(made.at("/config/urls").toString())
                    .isEqualTo("[\"http://10.0.0.1/\",\"http://10.0.0.2/?a=1,2\"]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusalsAreWhatARequestWouldHaveBeenAnswered(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            assertThat(asked(producer, Letter.of(task, Map.of())).status()).isEqualTo(401);
            assertThat(asked(producer, Letter.of(task, Map.of("api_key", "sk_prod_nobody")))
                            .json()
                            .path("error")
                            .asText())
                    .isEqualTo("authentication_error");
            String reader = account.newKey("prod", "tasks:read");
            assertThat(asked(producer, Letter.of(task, Map.of("api_key", reader)))
                            .status())
                    .isEqualTo(403);

            Received invalid = asked(
                    producer,
                    letter("{\"task_type\": \"simple_scraping\", \"name\": \"x\", \"config\": {\"urls\": []}}"));
            assertThat(invalid.status()).isEqualTo(400);
            assertThat(invalid.json().path("error").asText()).isEqualTo("validation_error");
            assertThat(invalid.json().path("details").size()).isPositive();

            Received search = asked(producer, letter("{\"searchTerms\": \"bakery\", \"maxResults\": 400}"));
            assertThat(search.status()).as(search.body()).isEqualTo(400);
            assertThat(search.json().has("details")).isFalse();
            Received dear = asked(
                    producer, letter("{\"searchTerms\": \"bakery\", \"location\": \"Lyon\", \"maxResults\": 400}"));
            assertThat(dear.status()).as(dear.body()).isEqualTo(402);
            assertThat(dear.json().path("error").asText()).isEqualTo("Insufficient credits");
            assertThat(dear.json().path("creditsRequired").asInt()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotUnderstoodIsAnsweredAndADeadLetter(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            assertIsDeadLetter(producer, "{\"task_type\": ", Map.of("api_key", key), 400, "The body ends before");
            assertIsDeadLetter(producer, "[1, 2]", Map.of("api_key", key), 400, "must be a task");
            assertIsDeadLetter(producer, "", Map.of("api_key", key), 400, "A JSON body is required");
            assertIsDeadLetter(producer, "<task/>", Map.of("content_type", "text/xml"), 415, "content_type must be");
            assertIsDeadLetter(
                    producer,
                    "url,name\nhttp://10.0.0.1/,x\n",
                    Map.of("api_key", key, "content_type", "text/csv"),
                    400,
                    "one column");
            assertIsDeadLetter(
                    producer,
                    "url\n\"http://10.0.0.1/\n",
                    Map.of("api_key", key, "content_type", "text/csv"),
                    400,
                    "malformed");
            producer.send(QueueProducer.INBOX, letter(task));
            assertThat(producer.answer().status()).as("the one after them").isEqualTo(201);
        }
    }

    private void assertIsDeadLetter(
            QueueProducer producer, String body, Map<String, ?> properties, int status, String reason) {
        String mark = UUID.randomUUID().toString();
        Map<String, Object> marked = new HashMap<>(properties);
        marked.put("mark", mark);
        Received answer = asked(producer, Letter.of(body, marked));
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().has("request_id")).isTrue();
        Received letter = deadLetter(producer, mark);
        assertThat(letter.properties().get("error")).contains(reason);
        assertThat(letter.properties().toString()).doesNotContain("msk_");
        assertThat(letter.body()).isEqualTo(body.isEmpty() ? letter.body() : body);
    }

    private static Received deadLetter(QueueProducer producer, String mark) {
        Received letter = producer.take(DEAD_LETTERS, "mark = '" + mark + "'", 20_000);
        assertThat(letter).as("the dead letter").isNotNull();
        if (letter == null) {
            throw new AssertionError();
        }
        return letter;
    }

    @Test
    void aRefusalThatNobodyCanBeToldOfIsADeadLetter() {
        try (QueueProducer producer = broker.producer(Protocol.CORE)) {
            String mark = UUID.randomUUID().toString();
            producer.send(
                    QueueProducer.INBOX,
                    Letter.of(task, Map.of("api_key", "sk_prod_nobody", "mark", mark))
                            .answeredAt(""));

            Received letter = deadLetter(producer, mark);

            assertThat(letter.properties()).containsEntry("status", "401");
            assertThat(letter.body()).isEqualTo(task);
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersGoToNoQueueOfOurs(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            for (String address : new String[] {
                "bactrian.tasks.admit", "bactrian.tasks.inbox", "activemq.management", "bactrian.tasks.inbox.dlq"
            }) {
                String mark = UUID.randomUUID().toString();
                producer.send(
                        QueueProducer.INBOX,
                        Letter.of("{", Map.of("api_key", key, "mark", mark)).answeredAt(address));
                Received letter = deadLetter(producer, mark);
                assertThat(letter.properties()).containsEntry("status", "400");
            }
            producer.send(QueueProducer.INBOX, letter(task).answeredAt("bactrian.lanes.html"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> "1".equals(account.get("/tasks?page_size=1").header("X-Total-Count")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNamedQueueGetsTheAnswerBeforeAndAfterSomebodyReadsIt(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            String queue = "bactrian.replies.erp-" + UUID.randomUUID();
            assertThat(producer.take(queue, null, 1)).isNull();
            producer.send(QueueProducer.INBOX, letter(task).answeredAt(queue));

            Received answer = producer.take(queue, null, 20_000);

            assertThat(answer).isNotNull();
        }
    }

    @Test
    void theAnswerToSomebodyWhoHasGoneDelaysNobody() {
        try (QueueProducer gone = broker.producer(Protocol.CORE)) {
            gone.send(QueueProducer.INBOX, letter(task));
        }
        try (QueueProducer producer = broker.producer(Protocol.AMQP)) {
            producer.send(
                    QueueProducer.INBOX,
                    letter(task).answeredAt(UUID.randomUUID().toString()));
            producer.send(QueueProducer.INBOX, letter(task));
            assertThat(producer.answer().status()).isEqualTo(201);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> "3".equals(account.get("/tasks?page_size=1").header("X-Total-Count")));
    }

    @ParameterizedTest
    @EnumSource
    void aMessageThatIsSentAgainMakesNoSecondTaskAndIsAnsweredAsTheFirst(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            Letter letter = Letter.of(task, Map.of("api_key", key, "_AMQ_DUPL_ID", "order-4711"));
            producer.send(QueueProducer.INBOX, letter);
            Received first = producer.answer();
            producer.send(QueueProducer.INBOX, letter);
            Received second = producer.answer();

            assertThat(first.status()).isEqualTo(201);
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(account.get("/tasks").header("X-Total-Count")).isEqualTo("1");
        }
    }

    @Test
    void anIdempotencyKeyCountsForBothWaysIn() {
        String id = account.call("POST", "/tasks")
                .header("Idempotency-Key", "both")
                .text("application/json", task)
                .send()
                .expect(201)
                .json()
                .path("id")
                .asText();
        try (QueueProducer producer = broker.producer(Protocol.AMQP)) {
            producer.send(QueueProducer.INBOX, Letter.of(task, Map.of("api_key", key, "idempotency_key", "both")));
            assertThat(producer.answer().json().path("id").asText()).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @EnumSource
    void propertiesSteerNothing(Protocol protocol) {
        try (QueueProducer producer = broker.producer(protocol)) {
            Map<String, Object> properties = new HashMap<>();
            properties.put("api_key", key);
            properties.put("CamelJmsDestinationName", "bactrian.lanes.html");
            properties.put("CamelBeanMethodName", "lost");
            properties.put("CamelHttpUri", "http://127.0.0.1:1/");
            properties.put("breadcrumbId", "x");
            properties.put("operation", "createScrapeJob");
            properties.put("status", "200");
            producer.send(QueueProducer.INBOX, Letter.of(task, properties));

            Received answer = producer.answer();

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.properties().keySet())
                    .noneMatch(name -> name.startsWith("Camel") || name.equals("api_key"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void eventsAreChosenBySelectors(Protocol protocol) {
        try (MisbehavingOrigin site = MisbehavingOrigin.start();
                QueueProducer producer = broker.producer(protocol)) {
            site.on(
                    "/",
                    (request, socket, out) -> Behaviours.body("text/html", Behaviours.utf8("<h1>Anvil</h1>"))
                            .answer(request, socket, out));
            String accountId =
                    account.get("/auth/me").json().path("user").path("id").asText();
            Subscription ends = producer.subscribe(EVENTS, "type = 'task.completed' AND status = 'completed'");
            producer.send(
                    QueueProducer.INBOX,
                    letter(TaskRequest.simple(site.url("/")).json().toString()));
            String id = producer.answer().json().path("id").asText();

            Received event = ends.next(30_000);
            while (event != null && !id.equals(event.properties().get("task_id"))) {
                event = ends.next(30_000);
            }

            assertThat(event)
                    .as("the end of " + id + " of account " + accountId)
                    .isNotNull();
            if (event != null) {
                assertThat(event.properties()).containsKeys("account_id", "type");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProducerMaySendToTheInboxAndNothingElse(Protocol protocol) {
        for (String address : new String[] {
            "bactrian.lanes.html",
            "bactrian.tasks.admit",
            "activemq.management",
            EVENTS,
            DEAD_LETTERS,
            "bactrian.replies.x",
            "made.up"
        }) {
            try (QueueProducer producer = broker.producer(protocol)) {
                assertThat(catchThrowable(() -> producer.send(address, letter(task))))
                        .as(address)
                        .isInstanceOf(RuntimeException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProducerMayReadNoQueueOfOurs(Protocol protocol) {
        for (String address : new String[] {
            "bactrian.lanes.html", "bactrian.tasks.inbox", "activemq.management", "bactrian.dead-letters", "made.up"
        }) {
            try (QueueProducer producer = broker.producer(protocol)) {
                assertThat(catchThrowable(() -> producer.take(address, null, 1_000)))
                        .as(address)
                        .isInstanceOf(RuntimeException.class);
            }
        }
    }

    @Test
    void nobodyConnectsWithoutTheRightPassword() {
        assertThatThrownBy(() -> StompProducer.open(broker.number(), "producer", "wrong"))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> StompProducer.open(broker.number(), "bactrian", ""))
                .isInstanceOf(RuntimeException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aBodyOverTheLimitIsRefusedAnsweredAndADeadLetterWithoutIt(Protocol protocol) {
        String mark = UUID.randomUUID().toString();
        byte[] body = new byte[17 << 20];
        try (QueueProducer producer = broker.producer(protocol)) {
            producer.send(QueueProducer.INBOX, Letter.of(body, Map.of("api_key", key, "mark", mark)));
            assertThat(producer.answer().status()).isEqualTo(413);
            Received letter = deadLetter(producer, mark);
            assertThat(letter.properties().get("error")).contains("larger than 16 MB");
            assertThat(letter.body().length()).isLessThan(100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBodyFarOverTheLimitDoesNotEvenComeIntoTheInbox(Protocol protocol) {
        String mark = UUID.randomUUID().toString();
        byte[] body = new byte[40 << 20];
        try (QueueProducer sender = broker.producer(protocol);
                QueueProducer reader = broker.producer(Protocol.CORE)) {
            assertThatThrownBy(() -> sender.send(
                            QueueProducer.INBOX,
                            Letter.of(body, Map.of("api_key", key, "mark", mark))
                                    .answeredAt("bactrian.replies.big")))
                    .isInstanceOf(RuntimeException.class);
            Received letter = deadLetter(reader, mark);
            assertThat(letter.properties()).containsEntry("status", "413");
            Received answer = reader.take("bactrian.replies.big", null, 20_000);
            assertThat(answer).isNotNull();
            assertThat(answer == null ? 0 : answer.status()).isEqualTo(413);
        }
    }

    private Letter letter(Object body) {
        return Letter.of(body, Map.of("api_key", key));
    }

    private static Received asked(QueueProducer producer, Letter letter) {
        producer.send(QueueProducer.INBOX, letter);
        return producer.answer();
    }
}
