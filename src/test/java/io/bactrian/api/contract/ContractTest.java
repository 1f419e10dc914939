package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.RateLimitClass;
import io.bactrian.scrape.ErrorCode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ContractTest {
    private final Contract contract = new Contract();

    @Test
    void theDocumentsHaveTheOperationsOfTheReferences() {
        assertThat(contract.operations())
                .extracting(Operation::operationId)
                .containsExactlyInAnyOrder(
                        "createTask",
                        "listTasks",
                        "getTask",
                        "updateTask",
                        "deleteTask",
                        "listTaskLogs",
                        "listTaskChanges",
                        "pauseTask",
                        "resumeTask",
                        "downloadTask",
                        "getScreenshot",
                        "streamTaskEvents",
                        "listApiKeys",
                        "createApiKey",
                        "deleteApiKey",
                        "beginGoogleSignIn",
                        "completeGoogleSignIn",
                        "getCurrentUser",
                        "updateCurrentUser",
                        "deleteCurrentUser",
                        "exportCurrentUser",
                        "logout",
                        "createMapKey",
                        "deleteMapKey",
                        "getUsageAnalytics",
                        "getDashboard",
                        "getHealth",
                        "getSystemMetrics",
                        "getCredits",
                        "createScrapeJob",
                        "listScrapeJobs",
                        "getScrapeJob",
                        "deleteScrapeJob",
                        "streamScrapeJobEvents",
                        "exportScrapeJob",
                        "deliverScrapeJob",
                        "listScrapeJobDeliveries",
                        "listWebhooks",
                        "createWebhook",
                        "getWebhook",
                        "updateWebhook",
                        "deleteWebhook",
                        "rotateWebhookSecret",
                        "listWebhookDeliveries",
                        "redeliverFailedWebhookDeliveries",
                        "redeliverWebhookDelivery",
                        "testWebhook",
                        "createSavedSearch",
                        "listSavedSearches",
                        "getSavedSearch",
                        "getSavedSearchHistory",
                        "updateSavedSearch",
                        "deleteSavedSearch",
                        "getSigningSecret",
                        "rotateSigningSecret",
                        "grantUnits",
                        "setPlan",
                        "getEmailVerification",
                        "sendEmailVerification",
                        "showEmailConfirmation",
                        "confirmEmail",
                        "showUnsubscription",
                        "unsubscribe",
                        "listPlans",
                        "getSubscription",
                        "createCheckout",
                        "changeSubscription",
                        "cancelSubscription",
                        "resumeSubscription",
                        "createPortal",
                        "listInvoices",
                        "receiveStripeEvent",
                        "receiveLemonSqueezyEvent",
                        "listBillingEvents",
                        "applyBillingEvent",
                        "addCredits",
                        "createBillingCheckout",
                        "getSubscriptions",
                        "cancelMapSubscription",
                        "showSandboxCheckout",
                        "endSandboxCheckout",
                        "showSandboxPortal",
                        "changeSandboxSubscription",
                        "getSandboxInvoice",
                        "getSelextractDocument",
                        "getMapscraperDocument",
                        "getDocumentation",
                        "register",
                        "login");
    }

    @Test
    void anOperationSaysWhatItNeeds() {
        assertThat(contract.operation("createTask"))
                .isEqualTo(new Operation(
                        "createTask",
                        Surface.SELEXTRACT,
                        "POST",
                        "/tasks",
                        "tasks:create",
                        false,
                        false,
                        false,
                        RateLimitClass.TASK_CREATION,
                        201));
        assertThat(contract.operation("getCurrentUser"))
                .isEqualTo(new Operation(
                        "getCurrentUser",
                        Surface.SELEXTRACT,
                        "GET",
                        "/auth/me",
                        null,
                        false,
                        false,
                        false,
                        RateLimitClass.AUTHENTICATION,
                        200));
        assertThat(contract.operation("login"))
                .isEqualTo(new Operation(
                        "login",
                        Surface.MAPSCRAPER,
                        "POST",
                        "/auth/login",
                        null,
                        false,
                        true,
                        false,
                        RateLimitClass.MAPSCRAPER,
                        200));
    }

    @Test
    void anUnknownOperationIsADefect() {
        assertThatIllegalArgumentException().isThrownBy(() -> contract.operation("makeTea"));
    }

    @ParameterizedTest
    @CsvSource({
        "/tasks, SELEXTRACT",
        "/tasks/1/logs, SELEXTRACT",
        "/api-keys, SELEXTRACT",
        "/auth/me, SELEXTRACT",
        "/auth/google, SELEXTRACT",
        "/auth/register, MAPSCRAPER",
        "/auth/login, MAPSCRAPER",
        "/auth/login/, MAPSCRAPER",
        "/auth/api-keys, MAPSCRAPER",
        "/auth/api-keys/1, MAPSCRAPER",
        "/scrape, MAPSCRAPER",
        "/scrape/jobs/job_1/export/csv, MAPSCRAPER",
        "/scraper, SELEXTRACT",
        "/credits, MAPSCRAPER",
        "/webhooks/1, MAPSCRAPER",
        "/scheduled/saved-searches, MAPSCRAPER",
        "/billing/checkout, MAPSCRAPER",
        "/billing/create-checkout, SELEXTRACT",
        "/billing/subscription, SELEXTRACT",
        "/billing/subscriptions, MAPSCRAPER",
        "/billing/cancel-subscription, MAPSCRAPER",
        "/, SELEXTRACT",
        "/no/such/path, SELEXTRACT"
    })
    void aPathBelongsToOneApi(String path, Surface surface) {
        assertThat(contract.surfaceOf(path)).isEqualTo(surface);
    }

    @Test
    void aPathTellsItsMethods() {
        assertThat(contract.allowedMethods("/tasks")).containsExactly("POST", "GET");
        assertThat(contract.allowedMethods("/tasks/not-even-a-uuid")).containsExactly("GET", "PUT", "DELETE");
        assertThat(contract.allowedMethods("/auth/login")).containsExactly("POST");
        assertThat(contract.allowedMethods("/tasks/")).containsExactly("POST", "GET");
        assertThat(contract.allowedMethods("/tasks//")).isEmpty();
        assertThat(contract.allowedMethods("/no/such/path")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void bothServedDocumentsHaveTheSharedPaths(Surface surface) throws IOException {
        JsonNode served = new ObjectMapper().readTree(contract.json(surface));

        assertThat(served.path("openapi").asText()).isEqualTo("3.1.0");
        assertThat(served.at("/paths/~1auth~1me/get/responses/200").isObject()).isTrue();
        assertThat(served.has("x-shared-paths")).isFalse();
        assertThat(served.findValues("x-message")).isEmpty();
        assertThat(served.findValues("x-permission")).isEmpty();
        assertThat(served.findValues("x-rate-limit")).isEmpty();
    }

    @Test
    void theServedDocumentTellsPermissions() throws IOException {
        JsonNode served = new ObjectMapper().readTree(contract.json(Surface.SELEXTRACT));

        assertThat(served.at("/paths/~1tasks/post/description").asText())
                .endsWith("Needs the permission `tasks:create`.");
    }

    @Test
    void anOperationHasTheRateLimitOfItsApiUnlessItSaysOtherwise() {
        assertThat(contract.operation("listTasks").rateLimit()).isEqualTo(RateLimitClass.GENERAL);
        assertThat(contract.operation("createTask").rateLimit()).isEqualTo(RateLimitClass.TASK_CREATION);
        assertThat(contract.operation("register").rateLimit()).isEqualTo(RateLimitClass.MAPSCRAPER);
        assertThat(contract.operations())
                .filteredOn(operation -> operation.surface() == Surface.SELEXTRACT)
                .filteredOn(operation -> operation.path().startsWith("/auth/"))
                .extracting(Operation::rateLimit)
                .containsOnly(RateLimitClass.AUTHENTICATION);
        assertThat(contract.operations())
                .filteredOn(operation -> operation.surface() == Surface.SELEXTRACT)
                .filteredOn(operation -> operation.path().startsWith("/billing/"))
                .allMatch(operation -> operation.rateLimit()
                        == (operation.signed() ? RateLimitClass.PROVIDER_EVENTS : RateLimitClass.BILLING));
    }

    @Test
    void theDocumentExplainsEveryErrorCodeOfARow() throws IOException {
        String description = new ObjectMapper()
                .readTree(contract.json(Surface.SELEXTRACT))
                .at("/info/description")
                .asText();

        assertThat(List.of(ErrorCode.values()))
                .allSatisfy(code -> assertThat(description).contains("| `" + code.code() + "` |"));
    }
}
