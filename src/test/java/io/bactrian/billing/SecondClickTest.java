package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes that are asked for the same purchase at once, with a Stripe that hangs, fails and refuses. */
class SecondClickTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static HttpServer stripe;
    private static BillingNode first;
    private static BillingNode second;

    private static final Queue<String> KEYS = new ConcurrentLinkedQueue<>();
    private static final Map<String, String> PAGES = new ConcurrentHashMap<>();
    private static volatile int refusal;
    private static volatile CountDownLatch gate = new CountDownLatch(0);

    private UUID account;

    @BeforeAll
    static void open() throws IOException {
        stripe = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stripe.setExecutor(THREADS);
        stripe.createContext("/v1/checkout/sessions", SecondClickTest::answer);
        stripe.start();
        String url = "http://127.0.0.1:" + stripe.getAddress().getPort();
        first = BillingNode.atStripe(DATABASE, CLOCK, url);
        second = BillingNode.atStripe(DATABASE, CLOCK, url);
    }

    @AfterAll
    static void close() {
        stripe.stop(0);
        THREADS.close();
        first.close();
        second.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        KEYS.clear();
        refusal = 0;
        gate = new CountDownLatch(0);
        account = first.open();
    }

    /** Gives one page for each key, as Stripe does. */
    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            KEYS.add(key);
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            int status = refusal == 0 ? 200 : refusal;
            String page = PAGES.computeIfAbsent(key, made -> "cs_" + UUID.randomUUID());
            String text = status == 200
                    ? "{\"id\":\"%s\",\"url\":\"https://checkout.stripe.com/%s\",\"expires_at\":1900000000}"
                            .formatted(page, page)
                    : "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"No.\"}}";
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Purchases.Page buy(BillingNode node) {
        return node.get(Purchases.class).buy(account, "small");
    }

    private CompletableFuture<Purchases.Page> click(BillingNode node) {
        return CompletableFuture.supplyAsync(() -> buy(node), THREADS);
    }

    private List<String> checkouts() {
        return DATABASE.jdbc()
                .sql("SELECT coalesce(provider_id, '') FROM billing_checkout WHERE account_id = ?")
                .param(account)
                .query(String.class)
                .list();
    }

    @Test
    void clicksAtOnceAtTwoNodesMakeOneCheckoutByOneCall() {
        gate = new CountDownLatch(1);
        List<CompletableFuture<Purchases.Page>> clicks =
                Stream.of(first, second, first, second).map(this::click).toList();
        await().atMost(LIMIT).until(() -> KEYS.size() == 1);
        gate.countDown();

        Set<Purchases.Page> pages = new HashSet<>();
        clicks.forEach(click -> pages.add(click.join()));
        assertThat(pages).hasSize(1);
        assertThat(KEYS).hasSize(1);
        assertThat(checkouts()).containsExactly(pages.iterator().next().id());
        assertThat(buy(second)).isIn(pages);
        assertThat(KEYS).hasSize(1);
    }

    @Test
    void aProviderThatFailsLeavesNothingToBeSeenAndTheNextClickAsksWithTheSameKey() {
        refusal = 500;
        assertThatThrownBy(() -> buy(first)).isInstanceOf(PaymentProviderUnavailableException.class);
        assertThat(checkouts()).containsExactly("");
        assertThat(first.credits(account)).isZero();

        refusal = 0;
        Purchases.Page page = buy(second);

        assertThat(new HashSet<>(KEYS)).hasSize(1);
        assertThat(checkouts()).containsExactly(page.id());
    }

    /** As if the process had died: the provider has made the page, and nobody has stored it. */
    @Test
    void aPageOfWhichTheAnswerWasLostIsFoundByTheSameKey() {
        String lost = buy(first).id();
        DATABASE.jdbc()
                .sql("UPDATE billing_checkout SET provider_id = NULL, url = NULL WHERE account_id = ?")
                .param(account)
                .update();

        assertThat(buy(second).id()).isEqualTo(lost);
        assertThat(checkouts()).containsExactly(lost);
    }

    @Test
    void whatTheProviderRefusesIsForgottenAndTheNextClickBeginsAnew() {
        refusal = 400;
        assertThatThrownBy(() -> buy(first))
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessage("No.");
        assertThat(checkouts()).isEmpty();

        refusal = 0;
        String page = buy(second).id();
        assertThat(checkouts()).containsExactly(page);
        assertThat(new HashSet<>(KEYS)).hasSize(2);
    }

    @Test
    void aClickThatWaitsForOneThatFailsAsksAgainWithTheSameKey() {
        gate = new CountDownLatch(1);
        refusal = 503;
        CompletableFuture<Purchases.Page> one = click(first);
        await().atMost(LIMIT).until(() -> KEYS.size() == 1);
        CompletableFuture<Purchases.Page> other = click(second);
        gate.countDown();

        assertThat(one).failsWithin(LIMIT);
        assertThat(other).failsWithin(LIMIT);
        assertThat(new HashSet<>(KEYS)).hasSize(1);
        assertThat(checkouts()).isEmpty();
    }

    @Test
    void afterThePageHasExpiredAClickBeginsAnotherCheckout() {
        Purchases.Page page = buy(first);
        CLOCK.advance(Duration.ofHours(1));

        assertThat(buy(second).id()).isNotEqualTo(page.id());
        assertThat(checkouts()).hasSize(2);
    }
}
