package io.bactrian.api;

import io.bactrian.NotFoundException;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.SandboxBooks.Bill;
import io.bactrian.billing.SandboxBooks.Outcome;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import io.bactrian.billing.sandbox.Sandbox;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.web.util.HtmlUtils;

/**
 * The sandbox's pages, for whoever has their address: plain forms without scripts, as a payment provider's page would be
 * without the payment.
 */
@Component
public class SandboxApi {
    private static final String NOTICE = "<p><strong>Sandbox: no money moves.</strong></p>\n";

    private final Sandbox sandbox;

    SandboxApi(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** The page on which a buyer pays, or does not. */
    public Answer checkout(ApiCall call) {
        Optional<Sale> sale = sale(call);
        if (sale.isEmpty()) {
            return noCheckout();
        }
        return sale.get().open() ? form(sale.get()) : ended();
    }

    /** Takes the buyer's choice, and sends the buyer on. */
    public Answer endCheckout(ApiCall call) {
        Outcome outcome = Outcome.valueOf(call.object().path("outcome").asText().toUpperCase(Locale.ROOT));
        Optional<Sale> sale = sale(call);
        if (sale.isEmpty()) {
            return noCheckout();
        }
        if (!sandbox.end(sale.get().id(), outcome)) {
            return ended();
        }
        return seeOther(
                outcome == Outcome.PAY ? sale.get().successUrl() : sale.get().cancelUrl());
    }

    private Optional<Sale> sale(ApiCall call) {
        UUID id = call.id("checkout_id");
        return id == null ? Optional.empty() : sandbox.sale(id);
    }

    /** What an account pays for, and its invoices. */
    public Answer portal(ApiCall call) {
        return sandbox.portal(token(call)).map(SandboxApi::portal).orElseGet(SandboxApi::noPortal);
    }

    /** Cancels the account's plan, or takes that back. */
    public Answer changeSubscription(ApiCall call) {
        boolean cancel = call.object().path("action").asText().equals("cancel");
        if (!sandbox.cancel(token(call), cancel)) {
            return noPortal();
        }
        return page(
                200,
                "Sandbox portal",
                "<p>%s This is shown here in a moment.</p>\n<p><a href=\"%s\">Back</a></p>\n"
                        .formatted(
                                cancel ? "The plan ends with its period." : "The plan goes on.",
                                HtmlUtils.htmlEscape(token(call))));
    }

    private static String token(ApiCall call) {
        return call.path().getOrDefault("token", "");
    }

    /** An invoice as a PDF. */
    public Answer invoice(ApiCall call) {
        String file = call.path().getOrDefault("file", "");
        byte[] document = sandbox.document(id(file).orElseThrow(() -> new NotFoundException("Invoice")));
        return new Answer(
                200,
                Map.of("Content-Disposition", "inline; filename=\"invoice.pdf\""),
                new Answer.Stream("application/pdf", output -> output.write(document)));
    }

    private static Optional<UUID> id(String file) {
        if (!file.endsWith(".pdf") || file.length() != 36 + ".pdf".length()) {
            return Optional.empty();
        }
        try {
            return Optional.of(UUID.fromString(file.substring(0, 36)));
        } catch (IllegalArgumentException notAnId) {
            return Optional.empty();
        }
    }

    private static Answer seeOther(String url) {
        return new Answer(303, Map.of("Location", url), new Answer.Stream("text/html;charset=UTF-8", output -> {}));
    }

    private static Answer form(Sale sale) {
        String body = """
                <p>%s</p>
                <p>%s</p>
                <form method="post">
                <button type="submit" name="outcome" value="pay">Pay</button>
                <button type="submit" name="outcome" value="decline">Have the payment declined</button>
                <button type="submit" name="outcome" value="cancel">Cancel</button>
                </form>
                """.formatted(
                        HtmlUtils.htmlEscape(
                                sale.kind() == CheckoutKind.PLAN
                                        ? "Plan " + sale.title()
                                        : sale.title() + " package of credits"),
                        price(sale.amount())
                                + (sale.kind() == CheckoutKind.PLAN ? " for each " + length(sale.interval()) : ""));
        String policy = SecurityHeaders.formPolicy(Stream.of(sale.successUrl(), sale.cancelUrl())
                .map(SandboxApi::origin)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new)));
        return page(200, "Sandbox checkout, in place of " + sale.provider().title(), policy, NOTICE + body);
    }

    private static String length(BillingInterval interval) {
        return switch (interval) {
            case MONTHLY -> "month";
            case YEARLY -> "year";
        };
    }

    private static String price(long cents) {
        return "USD " + BigDecimal.valueOf(cents, 2);
    }

    /** Scheme, host and port; empty for what is no web address. */
    private static Optional<String> origin(String url) {
        try {
            URI uri = new URI(url);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null
                    ? Optional.of(
                            uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()))
                    : Optional.empty();
        } catch (URISyntaxException malformed) {
            return Optional.empty();
        }
    }

    private static Answer portal(Sandbox.Portal portal) {
        StringBuilder body = new StringBuilder(NOTICE);
        if (portal.subscriptions().isEmpty()) {
            body.append("<p>There is no plan that is paid for.</p>\n");
        } else {
            body.append(plan(portal.subscriptions().getFirst()));
        }
        body.append("<h2>Invoices</h2>\n<ul>\n");
        portal.bills().forEach(bill -> body.append(line(bill)));
        body.append("</ul>\n");
        return page(200, "Sandbox portal, in place of " + portal.provider().title(), body.toString());
    }

    private static String plan(Standing plan) {
        String until = LocalDate.ofInstant(plan.periodEnd(), ZoneOffset.UTC).toString();
        return """
                <p>Plan %s, %s for each %s, %s.</p>
                <p>It %s %s.</p>
                <form method="post"><button type="submit" name="action" value="%s">%s</button></form>
                """.formatted(
                        HtmlUtils.htmlEscape(plan.title()),
                        price(plan.amount()),
                        length(plan.interval()),
                        plan.status().code(),
                        plan.cancelled() ? "ends on" : "is renewed on",
                        until,
                        plan.cancelled() ? "resume" : "cancel",
                        plan.cancelled() ? "Resume the plan" : "Cancel the plan");
    }

    private static String line(Bill bill) {
        return "<li><a href=\"../invoices/%s.pdf\">%s</a>, %s, %s, %s</li>\n"
                .formatted(
                        bill.id(),
                        HtmlUtils.htmlEscape(bill.number()),
                        LocalDate.ofInstant(bill.created(), ZoneOffset.UTC),
                        price(bill.amount()),
                        bill.status());
    }

    private static Answer noCheckout() {
        return page(404, "There is no such checkout", "<p>Begin the purchase again.</p>\n");
    }

    private static Answer ended() {
        return page(
                410,
                "This checkout has ended",
                "<p>It was paid, declined or cancelled, or it has expired. Nothing was changed now. To buy more, begin the"
                        + " purchase again.</p>\n");
    }

    private static Answer noPortal() {
        return page(404, "This link is not valid", "<p>It has expired, or it is not complete.</p>\n");
    }

    private static Answer page(int status, String title, String body) {
        return page(status, title, SecurityHeaders.FORM_POLICY, body);
    }

    private static Answer page(int status, String title, String policy, String body) {
        String html = """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><meta name="robots" content="noindex"><title>%1$s</title></head>
                <body>
                <h1>%1$s</h1>
                %2$s</body>
                </html>
                """.formatted(HtmlUtils.htmlEscape(title), body);
        return new Answer(
                status,
                Map.of(SecurityHeaders.POLICY, policy),
                new Answer.Stream(
                        "text/html;charset=UTF-8", output -> output.write(html.getBytes(StandardCharsets.UTF_8))));
    }
}
