package io.bactrian.api;

import io.bactrian.account.AccountEmails;
import io.bactrian.account.AccountEmails.AccountEmail;
import io.bactrian.mail.EmailConfirmations;
import io.bactrian.mail.EmailConsent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * The operations on e-mail addresses: the account's own, and those of whoever reads its e-mail.
 *
 * <p>Readers come by links in e-mails. Mail programs and virus scanners open these links too, so a GET shows a form and
 * changes nothing; the form's POST, or that of a mail program's own button (RFC 8058), does.
 */
@Component
public class EmailApi {
    private final AccountEmails emails;
    private final EmailConfirmations confirmations;
    private final EmailConsent consent;

    EmailApi(AccountEmails emails, EmailConfirmations confirmations, EmailConsent consent) {
        this.emails = emails;
        this.confirmations = confirmations;
        this.consent = consent;
    }

    private record Verification(String email, boolean verified, String message) {}

    /** Whether the account's address is verified. */
    public Answer verification(ApiCall call) {
        AccountEmail email = emails.find(call.accountId());
        return verification(
                email,
                confirmations.available()
                        ? "Follow the link in the e-mail that was sent to the address, or ask for another by POST."
                        : "This service sends no e-mail: its operator has set no mail server.");
    }

    /** Sends the link that verifies the account's address once more. */
    public Answer verify(ApiCall call) {
        boolean sent = confirmations.verify(call.accountId());
        AccountEmail email = emails.find(call.accountId());
        if (!confirmations.available()) {
            return verification(call);
        }
        return verification(
                email,
                sent
                        ? "An e-mail with a link was sent to the address."
                        : "No e-mail was sent: the address has had as many as it may today, or its reader wants none. Try"
                                + " again tomorrow.");
    }

    private static Answer verification(AccountEmail email, String message) {
        return Answer.ok(new Verification(
                email.address(), email.verified(), email.verified() ? "The address is verified." : message));
    }

    /** Asks whether to confirm. */
    public Answer confirmation(ApiCall call) {
        return switch (consent.question(token(call))) {
            case NONE -> invalid();
            case ACCOUNT ->
                form(
                        "Verify your e-mail address",
                        "Somebody has registered an account with your address. Verify it only if that was you: whoever"
                                + " registered it can sign in to it.",
                        "The account is mine");
            case NOTICES ->
                form(
                        "Confirm that you want notices by e-mail",
                        "The account that the e-mail names wants to send you its notices.",
                        "Send me notices");
        };
    }

    public Answer confirm(ApiCall call) {
        return consent.confirm(token(call))
                ? page(200, "Confirmed", "Your address is confirmed. Every e-mail has a link to unsubscribe.", "")
                : invalid();
    }

    /** Asks whether to unsubscribe. */
    public Answer unsubscription(ApiCall call) {
        return consent.unsubscribes(token(call))
                ? form("Unsubscribe", "Do you want no more e-mail of this account?", "Unsubscribe")
                : invalid();
    }

    public Answer unsubscribe(ApiCall call) {
        return consent.unsubscribe(token(call))
                ? page(200, "Unsubscribed", "You get no more e-mail of this account.", "")
                : invalid();
    }

    private static String token(ApiCall call) {
        String token = call.parameters().text("token");
        return token == null ? "" : token;
    }

    private static Answer invalid() {
        return page(
                404,
                "This link is not valid",
                "It has expired, it is not complete, or the account that it was for is closed.",
                "");
    }

    /** Without an action the form is sent to the page's own URL, token included. */
    private static Answer form(String title, String question, String button) {
        return page(
                200,
                title,
                question,
                "<form method=\"post\"><button type=\"submit\">%s</button></form>\n".formatted(button));
    }

    private static Answer page(int status, String title, String sentence, String form) {
        String html = """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><meta name="robots" content="noindex"><title>%1$s</title></head>
                <body>
                <h1>%1$s</h1>
                <p>%2$s</p>
                %3$s</body>
                </html>
                """.formatted(title, sentence, form);
        return new Answer(
                status,
                Map.of(SecurityHeaders.POLICY, SecurityHeaders.FORM_POLICY),
                new Answer.Stream(
                        "text/html;charset=UTF-8", output -> output.write(html.getBytes(StandardCharsets.UTF_8))));
    }
}
