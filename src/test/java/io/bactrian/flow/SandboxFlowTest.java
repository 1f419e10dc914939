package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.browser.Browsers;
import java.time.Duration;
import java.util.UUID;
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

    private UUID checkout(Account account) {
        return SandboxPurchases.smallPackage(account, shop.url("/thanks"), shop.url("/pity"));
    }

    private static String path(UUID checkout) {
        return "/sandbox/checkout/" + checkout;
    }

    private Reply choose(UUID checkout, String outcome) {
        return service.call("POST", path(checkout))
                .text(FORM, "outcome=" + outcome)
                .send();
    }

    @Test
    void aBrowserPaysForCreditsAndAPlanAndGoesOnToTheShop() {
        Account account = service.register();
        UUID credits = checkout(account);
        UUID plan = SandboxPurchases.professionalPlan(account, shop.url("/thanks"), shop.url("/pity"));
        UUID given = checkout(service.register());
        long before = account.credits();
        try (Browsers browser = new Browsers(1)) {
            assertThat(press(browser, credits, "pay")).isEqualTo("Thanks");
            assertThat(press(browser, plan, "pay")).isEqualTo("Thanks");
            assertThat(press(browser, given, "decline")).isEqualTo("Pity");
        }

        await().atMost(LONG_ENOUGH).until(account::credits, now -> now == before + 500);
        await().atMost(LONG_ENOUGH)
                .until(() -> service.database()
                        .sql("SELECT selextract_plan FROM account WHERE email = ?")
                        .param(account.email())
                        .query(String.class)
                        .single()
                        .equals("professional"));
    }

    private String press(Browsers browser, UUID checkout, String outcome) {
        return String.valueOf(browser.outAfter(
                service.uri(path(checkout)).toString(),
                new PageAction.Click("button[value=" + outcome + "]"),
                new PageAction.Wait("#out", Duration.ofSeconds(10))));
    }

    @Test
    void thePageIsOneFormThatSaysThatNoMoneyMoves() {
        Reply page =
                service.call("GET", path(checkout(service.register()))).send().expect(200);

        assertThat(page.header("Content-Type")).isEqualTo("text/html;charset=UTF-8");
        assertThat(page.text())
                .contains("no money moves", "Small package of credits", "USD 19.00", "<form method=\"post\">")
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
        UUID checkout = checkout(account);
        long before = account.credits();

        assertThat(choose(checkout, outcome).expect(303).header("Location"))
                .isEqualTo(shop.url(outcome.equals("pay") ? "/thanks" : "/pity"));
        choose(checkout, "pay").expect(410);
        choose(checkout, "cancel").expect(410);
        service.call("GET", path(checkout)).send().expect(410);

        if (outcome.equals("pay")) {
            await().atMost(LONG_ENOUGH).until(account::credits, now -> now == before + 500);
            Reply document = service.call(
                            "GET",
                            "/sandbox/invoices/"
                                    + await().atMost(LONG_ENOUGH)
                                            .ignoreExceptions()
                                            .until(() -> SandboxPurchases.invoice(account), id -> true)
                                    + ".pdf")
                    .send()
                    .expect(200);
            assertThat(document.header("Content-Type")).isEqualTo("application/pdf");
            assertThat(document.header("Content-Disposition")).startsWith("inline");
            assertThat(document.text()).startsWith("%PDF-");
        } else {
            assertThat(account.credits()).isEqualTo(before);
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
        UUID checkout = checkout(service.register());

        service.call("POST", path(checkout)).text(FORM, body).send().assertSelextractError(400, "validation_error");
        service.call("POST", path(checkout))
                .text("application/json", "{\"outcome\": \"pay\"}")
                .send()
                .assertSelextractError(415, "unsupported_media_type");

        service.call("GET", path(checkout)).send().expect(200);
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
