package io.bactrian.billing;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Purchases through a stand-in for Stripe. */
class PurchasesTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();

    @RegisterExtension
    static final WireMockExtension SERVER = WireMockExtension.newInstance()
            .options(WireMockConfiguration.wireMockConfig().dynamicPort())
            .build();

    private static BillingNode node;
    private UUID account;

    @BeforeAll
    static void start() {
        node = new BillingNode(
                DATABASE,
                CLOCK,
                new BillingProperties(
                        new BillingProperties.Stripe("sk_test_1", "whsec_1", SERVER.baseUrl(), Map.of()),
                        new BillingProperties.LemonSqueezy("", "", "", "", Map.of()),
                        null,
                        "",
                        "",
                        ""));
    }

    @AfterAll
    static void close() {
        node.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        node.at("2026-03-01T10:00:00.123456Z");
        account = node.open();
    }

    private Purchases.Page buy() {
        return node.get(Purchases.class).buy(account, "small");
    }

    private static void sells(String id) {
        SERVER.stubFor(any(anyUrl()).willReturn(okJson("""
                        {"id": "%s", "object": "checkout.session", "expires_at": 1768915800,
                         "url": "https://checkout.stripe.com/c/pay/%1$s"}""".formatted(id))));
    }

    private static List<LoggedRequest> asked() {
        return SERVER.findAll(postRequestedFor(urlEqualTo("/v1/checkout/sessions")));
    }

    private long checkouts() {
        return DATABASE.jdbc()
                .sql("SELECT count(*) FROM billing_checkout WHERE account_id = ?")
                .param(account)
                .query(Long.class)
                .single();
    }

    @Test
    void manyClicksMakeOneCheckout() throws Exception {
        sells("cs_" + account);
        try (ExecutorService clicks = Executors.newFixedThreadPool(4)) {
            List<Callable<Purchases.Page>> four = List.of(this::buy, this::buy, this::buy, this::buy);
            for (Future<Purchases.Page> page : clicks.invokeAll(four)) {
                assertThat(page.get())
                        .isEqualTo(
                                new Purchases.Page("cs_" + account, "https://checkout.stripe.com/c/pay/cs_" + account));
            }
        }

        assertThat(asked()).hasSize(1);
        assertThat(checkouts()).isOne();
    }

    @Test
    void theClickAfterAnAnswerThatDidNotComeAsksForTheSameInTheSameWords() {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK)));
        assertThatThrownBy(this::buy).isInstanceOf(PaymentProviderUnavailableException.class);
        sells("cs_" + account);
        node.at("2026-03-01T10:49:59Z");

        assertThat(buy().id()).isEqualTo("cs_" + account);

        assertThat(asked()).hasSizeGreaterThan(1);
        LoggedRequest first = asked().getFirst();
        assertThat(asked()).allSatisfy(request -> {
            assertThat(request.getHeader("Idempotency-Key")).isEqualTo(first.getHeader("Idempotency-Key"));
            assertThat(request.getBodyAsString())
                    .isEqualTo(first.getBodyAsString())
                    .contains("expires_at="
                            + Instant.parse("2026-03-01T11:30:00Z").getEpochSecond());
        });
        assertThat(checkouts()).isOne();
    }

    @Test
    void nothingStaysOfWhatStripeRefuses() {
        SERVER.stubFor(
                any(anyUrl())
                        .willReturn(
                                aResponse()
                                        .withStatus(400)
                                        .withBody(
                                                "{\"error\": {\"type\": \"invalid_request_error\", \"message\": \"No such price.\"}}")));
        assertThatThrownBy(this::buy)
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessage("No such price.");
        assertThat(checkouts()).isZero();
        sells("cs_" + account);

        assertThat(buy().id()).isEqualTo("cs_" + account);

        assertThat(asked().stream()
                        .map(request -> request.getHeader("Idempotency-Key"))
                        .distinct())
                .hasSize(2);
    }
}
