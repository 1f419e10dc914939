package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.browser.Browsers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Purchases on the sandbox's page, by a browser and by hand. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxFlowTest {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

    private final Service service;
    private final MisbehavingOrigin shop = MisbehavingOrigin.start()
            .on("/thanks", Behaviours.page("<p id=\"out\">Thanks</p>"))
            .on("/pity", Behaviours.page("<p id=\"out\">Pity</p>"));

    SandboxFlowTest(Service service) {
        this.service = service;
    }

    @AfterAll
    void closeShop() {
        shop.close();
    }

    private String plan(Account account) {
        return SandboxPurchases.begin(account, "professional", shop.url("/thanks"), shop.url("/pity"));
    }

    private Reply choose(String checkout, String outcome) {
        return service.call("POST", checkout).text(FORM, "outcome=" + outcome).send();
    }

    @Test
    void aBrowserBuysCreditsAndTheyAreThereWithTheirInvoice() {
        Account account = service.register();
        long before = account.credits();
        try (Browsers browser = new Browsers(1)) {
            assertThat(press(browser, SandboxPurchases.begin(account, "small"), "decline"))
                    .isEqualTo("Pity");
            assertThat(press(browser, SandboxPurchases.begin(account, "small"), "pay"))
                    .isEqualTo("Thanks");
        }

        await().atMost(LONG_ENOUGH).until(account::credits, now -> now == before + 500);
        JsonNode invoice = await().atMost(LONG_ENOUGH)
                .until(() -> account.get("/billing/invoices").json().at("/invoices/0"), JsonNode::isObject);
        assertThat(invoice.path("amount").asInt()).isEqualTo(1900);
        assertThat(invoice.path("status").asText()).isEqualTo("paid");
        Reply document = service.call("GET", SandboxPurchases.path(invoice.path("pdfUrl")))
                .send()
                .expect(200);
        assertThat(document.header("Content-Type")).isEqualTo("application/pdf");
        assertThat(document.header("Content-Disposition")).startsWith("inline");
        assertThat(textOf(document)).contains("Small", "19.00");
        assertThat(account.get("/credits").json().at("/transactions/0/type").asText())
                .isEqualTo("purchase");
    }

    private static String textOf(Reply document) {
        try (PDDocument read = Loader.loadPDF(document.body())) {
            return new PDFTextStripper().getText(read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aBrowserBuysAPlanWhichAllowsMoreAndItsPortalEndsItAndTakesThatBack() {
        Account account = service.register();
        TaskRequest advanced = TaskRequest.advanced(shop.url("/thanks"));
        account.post("/tasks", advanced.json()).assertSelextractError(403, "authorization_error");
        try (Browsers browser = new Browsers(1)) {
            assertThat(press(browser, plan(account), "pay")).isEqualTo("Thanks");
            await().atMost(LONG_ENOUGH).until(() -> planOf(account), "professional"::equals);
            assertThat(account.awaitEnd(account.create(advanced)).path("status").asText())
                    .isEqualTo("completed");

            JsonNode larger = account.put("/billing/subscription", TaskRequest.parse("{\"plan_id\": \"enterprise\"}"))
                    .expect(200)
                    .json();
            assertThat(larger.path("plan_id").asText()).isEqualTo("enterprise");
            JsonNode usage = account.get("/billing/subscription").json().path("usage");
            assertThat(usage.path("compute_units_limit").asInt()).isEqualTo(100_000);
            assertThat(usage.path("compute_units_remaining").asInt()).isEqualTo(100_000 - 10);

            cancel(account, "cancel");
            assertThat(isCancelled(account)).isTrue();
            assertThat(account.get("/billing/subscription")
                            .json()
                            .at("/billing/next_billing_date")
                            .isNull())
                    .isTrue();
            portal(browser, account, "resume", "goes on");
            await().atMost(LONG_ENOUGH).until(() -> !isCancelled(account));
            portal(browser, account, "cancel", "ends with its period");
            await().atMost(LONG_ENOUGH).until(() -> isCancelled(account));
            cancel(account, "resume");
            assertThat(isCancelled(account)).isFalse();
        }
        assertThat(SandboxPurchases.invoices(account, "billing:read"))
                .allSatisfy(
                        invoice -> assertThat(invoice.path("status").asText()).isEqualTo("paid"));
    }

    private static String planOf(Account account) {
        return account.get("/billing/subscription").json().at("/plan/id").asText();
    }

    private static boolean isCancelled(Account account) {
        return account.get("/billing/subscription")
                .json()
                .at("/subscription/cancel_at_period_end")
                .asBoolean();
    }

    private static void cancel(Account account, String verb) {
        account.call("POST", "/billing/subscription/" + verb).send().expect(200);
    }

    private void portal(Browsers browser, Account account, String button, String said) {
        JsonNode url = account.call("POST", "/billing/portal")
                .send()
                .expect(200)
                .json()
                .path("portal_url");
        browser.outAfter(
                service.uri(SandboxPurchases.path(url)).toString(),
                new PageAction.Click("button[value=" + button + "]"),
                new PageAction.Wait("xpath://p[contains(., '" + said + "')]", Duration.ofSeconds(10)));
    }

    private String press(Browsers browser, String checkout, String outcome) {
        return String.valueOf(browser.outAfter(
                service.uri(checkout).toString(),
                new PageAction.Click("button[value=" + outcome + "]"),
                new PageAction.Wait("#out", Duration.ofSeconds(10))));
    }

    @Test
    void aSecondClickOnBuyIsGivenThePageOfTheFirst() {
        Account account = service.register();

        String first = SandboxPurchases.begin(account, "medium");

        assertThat(SandboxPurchases.begin(account, "medium")).isEqualTo(first);
        assertThat(SandboxPurchases.begin(account, "large")).isNotEqualTo(first);
        choose(first, "cancel").expect(303);
        assertThat(SandboxPurchases.begin(account, "medium")).isNotEqualTo(first);
    }

    @Test
    void aPlanThatIsPaidForIsNotBoughtAgain() {
        Account account = SandboxPurchases.subscribed(service.register(), "professional");

        Reply again = account.post("/billing/create-checkout", TaskRequest.parse("{\"plan_id\": \"enterprise\"}"));

        again.assertSelextractError(400, "validation_error");
        assertThat(again.json().path("message").asText()).contains("PUT /billing/subscription");
    }

    @Test
    void thePageIsOneFormThatSaysThatNoMoneyMoves() {
        Account account = service.register();
        Reply page = service.call("GET", plan(account)).send().expect(200);

        assertThat(page.header("Content-Type")).isEqualTo("text/html;charset=UTF-8");
        assertThat(page.text())
                .contains("no money moves", "Plan Professional", "USD 29.99 for each month", "<form method=\"post\">")
                .doesNotContain("<script", "style=");
        String origin = shop.url("").replaceAll("/$", "");
        assertThat(page.header("Content-Security-Policy"))
                .isEqualTo("default-src 'none'; form-action 'self' " + origin
                        + "; base-uri 'none'; frame-ancestors 'none'");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pay", "decline", "cancel"})
    void aCheckoutEndsOnce(String outcome) {
        Account account = service.register();
        String checkout = plan(account);

        assertThat(choose(checkout, outcome).expect(303).header("Location"))
                .isEqualTo(shop.url(outcome.equals("pay") ? "/thanks" : "/pity"));
        choose(checkout, "pay").expect(410);
        choose(checkout, "cancel").expect(410);
        service.call("GET", checkout).send().expect(410);

        if (outcome.equals("pay")) {
            await().atMost(LONG_ENOUGH).until(() -> planOf(account), "professional"::equals);
        } else {
            assertThat(planOf(account)).isEqualTo("free");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "outcome",
                "outcome=",
                "outcome=steal",
                "outcome=pay&outcome=pay",
                "outcome=pay&amount=0",
                "outcome=%",
                "{}"
            })
    void whatTheFormDoesNotSendIsRefusedAndChangesNothing(String body) {
        String checkout = plan(service.register());

        service.call("POST", checkout).text(FORM, body).send().assertSelextractError(400, "validation_error");
        service.call("POST", checkout)
                .text("application/json", "{\"outcome\": \"pay\"}")
                .send()
                .assertSelextractError(415, "unsupported_media_type");

        service.call("GET", checkout).send().expect(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sandbox/checkout/x",
                "/sandbox/checkout/7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d",
                "/sandbox/portal/forged",
                "/sandbox/invoices/x.pdf",
                "/sandbox/invoices/7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d.pdf"
            })
    void whatIsNotThereIsNotFound(String path) {
        service.call("GET", path).send().expect(404);
    }
}
