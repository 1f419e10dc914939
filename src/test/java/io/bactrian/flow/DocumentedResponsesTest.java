package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.contract.DocumentedResponse;
import io.bactrian.origin.IdentityProvider;
import io.bactrian.origin.MisbehavingOrigin;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every response that the two documents promise is given, with the status, headers and body that they say, and no field more.
 *
 * <p>A response that is new in a document fails here until {@link Scenarios} tells how to have it.
 */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentedResponsesTest {
    /** Statuses that are not provoked here, with the reason. */
    private static final Map<Integer, String> STATUSES_LEFT_OUT = Map.of(
            429, "the service of the flow tests limits no rates",
            500, "only a defect is answered so; a test that could provoke it would have found one");

    /** Responses that are not provoked here, with the reason. */
    private static final Map<String, String> RESPONSES_LEFT_OUT = Map.ofEntries(
            Map.entry("getHealth 503", "all tests share this service; HealthTest has one of its own, which it breaks"),
            Map.entry("getSystemMetrics 503", "likewise"),
            Map.entry("createTask 503", "RateLimitSettingsTest has a service without a browser"),
            Map.entry("createScrapeJob 503", "likewise"),
            Map.entry("register 503", "PasswordsTest fills the queue of sign-ins; over HTTP it would take hundreds"),
            Map.entry("login 503", "likewise"),
            Map.entry(
                    "showEmailConfirmation 200",
                    "MailFlowTest has a service with a mail server, where links come from"),
            Map.entry("confirmEmail 200", "likewise"),
            Map.entry("showUnsubscription 200", "likewise"),
            Map.entry("unsubscribe 200", "likewise"),
            Map.entry("receiveStripeEvent 503", "ProviderBillingTest has a service that takes no payments"),
            Map.entry("receiveLemonSqueezyEvent 503", "likewise"),
            Map.entry("beginGoogleSignIn 502", "GoogleSignInTest has services with other providers, and with none"),
            Map.entry("beginGoogleSignIn 503", "likewise"),
            Map.entry("completeGoogleSignIn 502", "likewise"),
            Map.entry("completeGoogleSignIn 503", "likewise"));

    /** Operations that ask a payment provider; only one that is there refuses or is away. */
    private static final Set<String> ASKS_A_PROVIDER = Set.of(
            "changeSubscription",
            "cancelSubscription",
            "resumeSubscription",
            "createCheckout",
            "createPortal",
            "addCredits",
            "createBillingCheckout",
            "cancelMapSubscription");

    /** What ProviderBillingTest has stand-ins of both companies for. */
    private static boolean refusalOfProvider(DocumentedResponse response) {
        return ASKS_A_PROVIDER.contains(response.operation().operationId())
                && (response.status() == 402
                        || response.status() == 503
                        || (response.status() == 400
                                && response.exampleOfRequest().isEmpty()
                                && !response.name().startsWith("createPortal")));
    }

    /** Sent only where rates are limited. */
    private static final Set<String> UNSENT = Set.of("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset");

    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private final Scenarios scenarios;

    DocumentedResponsesTest(Service service, IdentityProvider provider) {
        this.scenarios = new Scenarios(service, site, provider);
    }

    @AfterAll
    void closeSite() {
        site.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void isGivenAsItIsDocumented(DocumentedResponse response) {
        Reply reply = scenarios
                .replyOf(response)
                .orElseThrow(() -> new AssertionError(
                        "Tell in Scenarios how \"%s\" is had from the service.".formatted(response.name())));

        assertThat(response.differences(reply.status(), reply.headers(), reply.body(), UNSENT))
                .as(() -> response.name() + " was answered " + reply.status() + " with " + reply.text())
                .isEmpty();
    }

    static List<DocumentedResponse> responses() {
        return DocumentedResponse.all().stream()
                .filter(response -> !STATUSES_LEFT_OUT.containsKey(response.status()))
                .filter(response -> !RESPONSES_LEFT_OUT.containsKey(response.name()))
                .filter(response -> !refusalOfProvider(response))
                .toList();
    }

    @Test
    void everyScenarioIsOfADocumentedResponse() {
        assertThat(scenarios.without(DocumentedResponse.all())).isEmpty();
        assertThat(DocumentedResponse.all())
                .extracting(DocumentedResponse::name)
                .containsAll(RESPONSES_LEFT_OUT.keySet())
                .doesNotHaveDuplicates();
    }
}
