package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.stripe.net.Webhook;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderStories;
import io.bactrian.billing.ProviderStories.End;
import io.bactrian.billing.ProviderStories.Told;
import io.bactrian.billing.StoryBooks;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Payment providers tell two nodes of many customers, each thing three times and in no order, and both nodes are killed in the
 * middle of it.
 *
 * <p>The number of events is {@code bactrian.test.billing-events}, by default 1,000, and the seed of the stories
 * {@code bactrian.test.seed}.
 */
class BillingCrashTest {
    private static final int EVENTS = Integer.getInteger("bactrian.test.billing-events", 1_000);
    private static final long SEED = Long.getLong("bactrian.test.seed", 1);
    private static final int TIMES = 3;
    private static final int SENDERS = 6;
    private static final long WELCOME = 100;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final String STRIPE_KEY = "sk_live_51Nstormstormstormstorm";
    private static final String STRIPE_SECRET = "whsec_c3Rvcm1zdG9ybXN0b3JtMQ";
    private static final String LEMON_KEY = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiI5NGQ1OWNlZi1k.c3Rvcm0tc3Rvcm0";
    private static final String LEMON_SECRET = "lemon-secret-of-the-storm";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger accepted = new AtomicInteger();

    private static ServiceProcess node(
            String name, TestBroker broker, TestDatabase database, PaymentCompanies companies) {
        return new ServiceProcess(name)
                .with("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
                .with("SPRING_ARTEMIS_BROKER_URL", broker.url() + "?consumerWindowSize=0")
                .with("SPRING_DATASOURCE_URL", database.url())
                .with("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "12")
                .with("BACTRIAN_HOUSEKEEPING_LEASE", "3s")
                .with("BACTRIAN_HOUSEKEEPING_RENEWAL", "300")
                .with("BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "1000")
                .with("BACTRIAN_BILLING_STRIPE_APIKEY", STRIPE_KEY)
                .with("BACTRIAN_BILLING_STRIPE_WEBHOOKSECRET", STRIPE_SECRET)
                .with("BACTRIAN_BILLING_STRIPE_BASEURL", companies.url())
                .with("BACTRIAN_BILLING_STRIPE_PRICES_STARTER", "price_starter")
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_APIKEY", LEMON_KEY)
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_WEBHOOKSECRET", LEMON_SECRET)
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_BASEURL", companies.url())
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_STOREID", "1")
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_VARIANTS_PROFESSIONAL", "11")
                .with("BACTRIAN_BILLING_LEMONSQUEEZY_VARIANTS_ENTERPRISE", "12");
    }

    @Test
    void theBooksEndRightWhateverTheOrderOfEventsAndWhoeverIsKilled() {
        try (TestDatabase shared = TestDatabase.create();
                TestBroker broker = new TestBroker().waitingBeforeRedelivery();
                PaymentCompanies companies = new PaymentCompanies();
                ServiceProcess first = node("billing-first", broker, shared, companies);
                ServiceProcess second = node("billing-second", broker, shared, companies)) {
            CompletableFuture<Void> other = CompletableFuture.runAsync(second::start);
            first.start();
            other.join();
            StoryBooks books = new StoryBooks(shared.jdbc());
            ProviderStories stories = new ProviderStories(SEED, Instant.now(), WELCOME, true);
            companies.tellsOf(stories::present);
            List<String> tokens = new ArrayList<>();
            List<End> ends = new ArrayList<>();
            try (ServiceClient client = new ServiceClient(first.address())) {
                while (stories.events().size() < EVENTS) {
                    String email = "customer-%d@example.com".formatted(ends.size());
                    ServiceClient.Credentials customer = client.register(email);
                    tokens.add(customer.token());
                    tokens.add(customer.key());
                    ends.add(stories.tell(shared.jdbc()
                            .sql("SELECT id FROM account WHERE email = ?")
                            .param(email)
                            .query(UUID.class)
                            .single()));
                }
            }
            stories.sales().forEach(sale -> books.add(sale, false));

            List<Told> told = new ArrayList<>();
            for (int time = 0; time < TIMES; time++) {
                told.addAll(stories.events());
            }
            Collections.shuffle(told, new Random(SEED));
            int half = told.size() / 2;
            sendWhileKilled(told.subList(0, half), first, List.of(first, second));
            sendWhileKilled(told.subList(half, told.size()), second, List.of(second, first));
            await("all events are applied")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(books.reasons()).isEmpty());

            assertThat(ends).flatExtracting(books::differences).isEmpty();
            assertThat(Books.count(shared.jdbc(), "billing_event"))
                    .isEqualTo(stories.events().size());
            assertThat(first.command("ledger", "check")).satisfies(check -> {
                assertThat(check.errors()).isEmpty();
                assertThat(check.status()).as(check.output()).isZero();
            });
            refusedCallsLeaveNoTrace(first, companies, tokens.getFirst());
            assertThat(first.terminate()).isEqualTo(143);
            assertThat(second.terminate()).isEqualTo(143);
            tokens.addAll(List.of(
                    STRIPE_KEY,
                    STRIPE_SECRET,
                    LEMON_KEY,
                    LEMON_SECRET,
                    ProviderStories.CARD,
                    ProviderStories.PORTAL_TOKEN,
                    ServiceClient.PASSWORD));
            assertThat(linesWithOneOf(tokens, "billing-first")).isEmpty();
            assertThat(linesWithOneOf(tokens, "billing-second")).isEmpty();
        }
    }

    /** Each is sent until one of the nodes has taken it, as the providers do. */
    private void sendWhileKilled(List<Told> told, ServiceProcess killed, List<ServiceProcess> nodes) {
        int before = accepted.get();
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            for (int i = 0; i < told.size(); i++) {
                Told event = told.get(i);
                AtomicInteger turn = new AtomicInteger(i);
                senders.execute(() -> {
                    await("the event is taken")
                            .atMost(LIMIT)
                            .pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(100))
                            .ignoreExceptionsInstanceOf(IOException.class)
                            .until(() -> send(nodes.get(turn.getAndIncrement() % nodes.size()), event) == 200);
                    accepted.incrementAndGet();
                });
            }
            await("the middle of it")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> accepted.get() - before >= told.size() / 3);
            killed.kill();
            killed.start();
        }
        assertThat(accepted.get() - before).isEqualTo(told.size());
    }

    private int send(ServiceProcess node, Told event) throws IOException {
        byte[] body = event.body().getBytes(StandardCharsets.UTF_8);
        return event.provider() == Provider.STRIPE
                ? post(
                        node,
                        "/billing/webhooks/stripe",
                        body,
                        Map.of("Stripe-Signature", stripeSignature(event.body(), STRIPE_SECRET)))
                : post(
                        node,
                        "/billing/webhooks/lemonsqueezy",
                        body,
                        Map.of(
                                "X-Signature",
                                new String(LemonSqueezyEvents.signature(body, LEMON_SECRET), StandardCharsets.UTF_8)));
    }

    private static String stripeSignature(String body, String secret) {
        try {
            return Webhook.Signature.generateSignatureHeader(
                    body, secret, Instant.now().getEpochSecond());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private int post(ServiceProcess node, String path, byte[] body, Map<String, String> headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.address() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            return answer.statusCode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Wrong signatures, bodies that are none, and a provider that refuses or fails, each with secrets in its words. */
    private void refusedCallsLeaveNoTrace(ServiceProcess node, PaymentCompanies companies, String token) {
        String card = "{\"id\":\"evt_1\",\"card\":\"" + ProviderStories.CARD + "\"";
        try {
            for (String body : List.of(card + "}", card)) {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                assertThat(post(
                                node,
                                "/billing/webhooks/stripe",
                                bytes,
                                Map.of("Stripe-Signature", stripeSignature(body, "whsec_other"))))
                        .isEqualTo(400);
                assertThat(post(
                                node,
                                "/billing/webhooks/stripe",
                                bytes,
                                Map.of("Stripe-Signature", stripeSignature(body, STRIPE_SECRET))))
                        .isEqualTo(400);
                assertThat(post(node, "/billing/webhooks/lemonsqueezy", bytes, Map.of("X-Signature", LEMON_SECRET)))
                        .isEqualTo(400);
            }
            Map<Integer, Integer> answers = Map.of(401, 503, 402, 402, 400, 400, 500, 503, 200, 503);
            for (Map.Entry<Integer, Integer> answer : answers.entrySet()) {
                companies.refuseCheckouts(
                        answer.getKey(),
                        "{\"error\":{\"type\":\"card_error\",\"message\":\"Declined.\",\"key\":\"%s\",\"number\":\"%s\"}}"
                                .formatted(STRIPE_KEY, ProviderStories.CARD));
                assertThat(post(
                                node,
                                "/credits/add",
                                "{\"packageId\":\"small\"}".getBytes(StandardCharsets.UTF_8),
                                Map.of("Authorization", "Bearer " + token)))
                        .as("the answer where Stripe says %d", answer.getKey())
                        .isEqualTo(answer.getValue());
            }
            assertThat(post(
                            node,
                            "/billing/create-checkout",
                            "{\"plan_id\":\"professional\",\"success_url\":\"https://example.com/a\",\"cancel_url\":\"https://example.com/b\"}"
                                    .getBytes(StandardCharsets.UTF_8),
                            Map.of("Authorization", "Bearer " + token)))
                    .isIn(400, 503);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What any start, stop or command of the node has printed. */
    private static List<String> linesWithOneOf(List<String> secrets, String node) {
        try (Stream<Path> files = Files.list(Path.of("target", "process", node))) {
            List<String> found = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                for (String line : Files.readAllLines(file)) {
                    if (secrets.stream().anyMatch(line::contains)) {
                        found.add(file.getFileName() + ": " + line);
                    }
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
