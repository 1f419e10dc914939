package io.bactrian.flow;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;

/** What accounts buy in the sandbox. */
final class SandboxPurchases {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

    private SandboxPurchases() {}

    /** The path of the page on which a package or plan of MapScraper is paid for. */
    static String begin(Account account, String item) {
        return path(account.post(
                        "/billing/checkout",
                        JsonNodeFactory.instance.objectNode().put("packageId", item))
                .expect(200)
                .json()
                .path("checkoutUrl"));
    }

    /** The path of the page on which a plan of Selextract is paid for. */
    static String begin(Account account, String plan, String successUrl, String cancelUrl) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("plan_id", plan)
                .put("success_url", successUrl)
                .put("cancel_url", cancelUrl);
        return path(account.post("/billing/create-checkout", body)
                .expect(200)
                .json()
                .path("checkout_url"));
    }

    /** The service is at another port than its public URL says. */
    static String path(JsonNode url) {
        return URI.create(url.asText()).getPath();
    }

    static Reply choose(Account account, String checkout, String outcome) {
        return account.service()
                .call("POST", checkout)
                .text("application/x-www-form-urlencoded", "outcome=" + outcome)
                .send();
    }

    /** The same account, once it has the plan of Selextract that it has paid for. */
    static Account subscribed(Account account, String plan) {
        String shop = "https://shop.example.com/";
        choose(account, begin(account, plan, shop, shop), "pay").expect(303);
        await().atMost(LONG_ENOUGH).until(() -> invoices(account, "*"), invoices -> !invoices.isEmpty());
        return account;
    }

    /** The same account, once it has the package or plan of MapScraper that it has paid for. */
    static Account bought(Account account, String item) {
        choose(account, begin(account, item), "pay").expect(303);
        await().atMost(LONG_ENOUGH)
                .until(() -> account.get("/billing/invoices").json().path("invoices"), invoices -> !invoices.isEmpty());
        return account;
    }

    /** Selextract's invoices of the account, asked for with a key that has a permission. */
    static JsonNode invoices(Account account, String permission) {
        return account.service()
                .call("GET", "/billing/invoices")
                .as(account.newKey("prod", permission))
                .send()
                .expect(200)
                .json();
    }
}
