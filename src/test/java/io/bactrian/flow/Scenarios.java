package io.bactrian.flow;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.api.contract.DocumentedResponse;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.IdentityProvider;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * How each documented response is had from the service.
 *
 * <p>What is the same for many operations, such as a 401 without a credential, is one of the rules at the end; everything else
 * is told operation by operation, under the name of its {@link DocumentedResponse}.
 */
final class Scenarios {
    private static final int TOO_MUCH = (16 << 20) + 1;

    private final Map<String, Supplier<Reply>> scenarios = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Service service;
    private final MisbehavingOrigin site;
    private final IdentityProvider provider;
    private final Account account;

    Scenarios(Service service, MisbehavingOrigin site, IdentityProvider provider) {
        this.service = service;
        this.provider = provider;
        this.site = site.on("/page", Behaviours.page("<h1>Page</h1>"));
        this.account = service.register();
        authentication();
        googleSignIn();
        ownAccount();
        mapKeys();
        tasks();
        results();
        apiKeys();
        analytics();
        webhooks();
        registeredWebhooks();
        credits();
        jobs();
        savedSearches();
        system();
        emails();
        billing();
        purchases();
        billingEvents();
        sandbox();
        documents();
        rules();
    }

    private void authentication() {
        on("register 201", () -> register(Service.PASSWORD));
        on("register 400", () -> register("short"));
        on("login 200", () -> login(Service.PASSWORD));
        on(
                "login 400",
                () -> service.call("POST", "/auth/login").json(json("{}")).send());
        on("login 401", () -> login("not the password"));
        on("getCurrentUser 200", () -> asKey("GET", "/auth/me", "tasks:read"));
        on("getCurrentUser 200 of mapscraper", () -> account.get("/auth/me"));
    }

    private void googleSignIn() {
        on("beginGoogleSignIn 200", () -> service.call("GET", "/auth/google").send());
        on("completeGoogleSignIn 200", () -> {
            JsonNode begun = service.call("GET", "/auth/google").send().json();
            IdentityProvider.Callback callback = provider.signIn(
                    begun.path("auth_url").asText(),
                    "a subject",
                    Map.of("email", UUID.randomUUID() + "@example.com", "email_verified", true));
            return completeGoogleSignIn("{\"code\": \"%s\"}".formatted(callback.code()));
        });
        on("completeGoogleSignIn 400", () -> completeGoogleSignIn("{}"));
        on("completeGoogleSignIn 401", () -> {
            service.call("GET", "/auth/google").send();
            return completeGoogleSignIn("{\"code\": \"of nothing\"}");
        });
    }

    private Reply completeGoogleSignIn(String body) {
        return service.call("POST", "/auth/google").json(json(body)).send();
    }

    private void ownAccount() {
        on(
                "updateCurrentUser 200",
                () -> service.call("PUT", "/auth/me")
                        .as(account.newKey("prod", "*"))
                        .json(json("{\"full_name\": \"John Smith\"}"))
                        .send());
        on(
                "updateCurrentUser 400",
                () -> service.call("PUT", "/auth/me")
                        .as(account.newKey("prod", "*"))
                        .json(json("{\"full_name\": 1}"))
                        .send());
        on("deleteCurrentUser 200", () -> service.register().delete("/auth/me"));
        on("deleteCurrentUser 403", () -> asKey("DELETE", "/auth/me", "*"));
        on("exportCurrentUser 200", () -> account.get("/auth/me/export"));
        on("logout 200", () -> service.register().post("/auth/logout", json("{}")));
        on("logout 400", () -> asKey("POST", "/auth/logout", "tasks:read"));
        on(
                "logout 403",
                () -> service.call("POST", "/auth/logout")
                        .header("Cookie", "bactrian_session=" + account.token())
                        .send());
    }

    private void mapKeys() {
        on("createMapKey 201", () -> account.post("/auth/api-keys", json("{}")));
        on("createMapKey 400", () -> account.post("/auth/api-keys", json("{\"name\": \"\"}")));
        on("deleteMapKey 200", () -> {
            Reply key = account.post("/auth/api-keys", json("{}"));
            return account.delete("/auth/api-keys/" + key.json().path("id").asText());
        });
    }

    private void tasks() {
        on("createTask 201", () -> account.post("/tasks", task().json()));
        on("createTask 400", () -> account.post("/tasks", json("{}")));
        on("createTask 402", () -> {
            int tooMany = RunningService.COMPUTE_UNITS / RunningService.PAGE_UNITS + 1;
            return account.post(
                    "/tasks",
                    TaskRequest.bulk(Collections.nCopies(tooMany, site.url("/page")))
                            .json());
        });
        on("createTask 409", () -> {
            String key = UUID.randomUUID().toString();
            createOnce(key, "first").expect(201);
            return createOnce(key, "second");
        });
        on("listTasks 200", () -> {
            account.create(task());
            account.create(task());
            return account.get("/tasks?page_size=1");
        });
        on("listTasks 400", () -> account.get("/tasks?page=0"));
        on("getTask 200", () -> account.get("/tasks/" + ended(task())));
        on("updateTask 200", () -> {
            Gate gate = new Gate();
            site.on("/gate", gate.before(Behaviours.page("<h1>Open</h1>")));
            try {
                String id = account.create(TaskRequest.simple(site.url("/gate")));
                return account.put("/tasks/" + id, json("{\"priority\": 9}"));
            } finally {
                gate.open();
            }
        });
        on("updateTask 400", () -> account.put("/tasks/" + ended(task()), json("{\"priority\": 99}")));
        on("deleteTask 200", () -> account.delete("/tasks/" + ended(task())));
        on("listTaskLogs 200", () -> account.get("/tasks/" + ended(task()) + "/logs"));
        on("listTaskLogs 400", () -> account.get("/tasks/" + ended(task()) + "/logs?page=0"));
        on("listTaskChanges 200", () -> {
            String id = monitored();
            site.on("/watched", Behaviours.page("<h1>Another</h1>"));
            account.checkNow(id);
            return account.get("/tasks/" + id + "/changes?page_size=1");
        });
        on("listTaskChanges 400", () -> account.get("/tasks/" + ended(task()) + "/changes?page=0"));
        on(
                "pauseTask 200",
                () -> account.call("POST", "/tasks/" + monitored() + "/pause").send());
        on(
                "pauseTask 400",
                () -> account.call("POST", "/tasks/" + ended(task()) + "/pause").send());
        on(
                "resumeTask 200",
                () -> account.call("POST", "/tasks/" + monitored() + "/resume").send());
        on(
                "resumeTask 400",
                () -> account.call("POST", "/tasks/" + ended(task()) + "/resume")
                        .send());
        on("streamTaskEvents 200", () -> account.get("/tasks/" + ended(task()) + "/events"));
    }

    /** A monitoring task of two pages whose first check is over. */
    private String monitored() {
        site.on("/watched", Behaviours.page("<h1>One</h1>"));
        String id = account.create(TaskRequest.monitoring(site.url("/watched"), site.url("/watched")));
        account.awaitChecks(id, 1);
        return id;
    }

    private void results() {
        on("downloadTask 200 application/json", () -> download("json"));
        on("downloadTask 200 application/x-ndjson", () -> download("jsonl"));
        on("downloadTask 200 text/csv", () -> download("csv"));
        on(
                "downloadTask 200 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                () -> download("xlsx"));
        on("downloadTask 200 application/zip", () -> {
            TaskRequest files = TaskRequest.bulk(List.of(site.url("/page"))).config("export_individual_files", "true");
            return account.get("/tasks/" + ended(files) + "/download");
        });
        on("downloadTask 400", () -> download("pdf"));
        on("getScreenshot 200", () -> {
            Account paying = service.register().onPlan("professional");
            String task = paying.create(TaskRequest.advanced(site.url("/page")).config("screenshot", "true"));
            paying.awaitEnd(task);
            return paying.get("/tasks/" + task + "/screenshots/1");
        });
    }

    private void apiKeys() {
        on("listApiKeys 200", () -> {
            account.newKey("prod", "tasks:read");
            return account.get("/api-keys");
        });
        on("createApiKey 201", () -> account.post("/api-keys", json("{\"name\": \"a key\"}")));
        on("createApiKey 400", () -> account.post("/api-keys", json("{}")));
        on("deleteApiKey 200", () -> {
            Reply key = account.post("/api-keys", json("{\"name\": \"a key\"}"));
            return account.delete("/api-keys/" + key.json().path("id").asText());
        });
    }

    private void analytics() {
        on("getUsageAnalytics 200", () -> {
            ended(task());
            return account.get("/analytics/usage");
        });
        on("getUsageAnalytics 400", () -> account.get("/analytics/usage?start_date=yesterday"));
        on("getDashboard 200", () -> {
            ended(task());
            return account.get("/analytics/dashboard");
        });
    }

    private void webhooks() {
        on("getSigningSecret 200", () -> account.get("/webhooks/signing-secret"));
        on(
                "rotateSigningSecret 200",
                () -> account.call("POST", "/webhooks/signing-secret").send());
    }

    private static final String HOOK = "{\"url\": \"%s\", \"events\": [\"job.completed\"]}";

    private void registeredWebhooks() {
        on("listWebhooks 200", () -> {
            webhook();
            return account.get("/webhooks");
        });
        on("createWebhook 201", this::createWebhook);
        on("createWebhook 400", () -> account.post("/webhooks", json(HOOK.formatted("http://10.0.0.1/"))));
        on("getWebhook 200", () -> account.get(webhook()));
        on("updateWebhook 200", () -> account.put(webhook(), json("{\"is_active\": 0}")));
        on("updateWebhook 400", () -> account.put(webhook(), json("{\"events\": [\"job.done\"]}")));
        on("deleteWebhook 200", () -> account.delete(webhook()));
        on("rotateWebhookSecret 200", () -> poke(webhook() + "/rotate-secret"));
        on("testWebhook 200", () -> poke(webhook() + "/test"));
        on("testWebhook 400", () -> poke(paused() + "/test"));
        on("listWebhookDeliveries 200", () -> {
            String webhook = webhook();
            tested(webhook);
            return account.get(webhook + "/deliveries");
        });
        on("listWebhookDeliveries 400", () -> account.get(webhook() + "/deliveries?status=lost"));
        on("redeliverWebhookDelivery 200", () -> poke(tested(webhook()) + "/redeliver"));
        on("redeliverWebhookDelivery 400", () -> poke(paused() + "/deliveries/1/redeliver"));
        on(
                "redeliverFailedWebhookDeliveries 200",
                () -> account.post(webhook() + "/deliveries/redeliver", json("{\"from\": \"2026-02-21T16:00:00Z\"}")));
        on(
                "redeliverFailedWebhookDeliveries 400",
                () -> account.post(webhook() + "/deliveries/redeliver", json("{\"from\": \"yesterday\"}")));
    }

    private Reply createWebhook() {
        return service.register().post("/webhooks", json(HOOK.formatted("https://127.0.0.7:1/hook")));
    }

    /** The path of a new webhook of an account that had none, so that there is always place for one. */
    private String webhook() {
        account.get("/webhooks")
                .expect(200)
                .json()
                .path("webhooks")
                .forEach(webhook ->
                        account.delete("/webhooks/" + webhook.path("id").asText()));
        Reply created = account.post("/webhooks", json(HOOK.formatted("https://127.0.0.7:1/hook")));
        return "/webhooks/" + created.expect(201).json().path("id").asText();
    }

    private String paused() {
        String webhook = webhook();
        account.put(webhook, json("{\"is_active\": 0}")).expect(200);
        return webhook;
    }

    private String tested(String webhook) {
        Reply tested = poke(webhook + "/test").expect(200);
        return webhook + "/deliveries/" + tested.json().path("deliveryId").asText();
    }

    private Reply poke(String path) {
        return account.call("POST", path).send();
    }

    private void credits() {
        on("getCredits 200", () -> account.get("/credits"));
        on("getCredits 400", () -> account.get("/credits?limit=0"));
        for (String operation : List.of("grantUnits /admin/grants", "setPlan /admin/plans")) {
            String name = operation.split(" ", -1)[0];
            String path = operation.split(" ", -1)[1];
            on(name + " 200", () -> administer(path, null, account.email(), 7));
            on(name + " 400", () -> service.administrator().post(path, json("{}")));
            on(name + " 404", () -> administer(path, null, "nobody@example.com", 7));
            on(name + " 409", () -> {
                String key = UUID.randomUUID().toString();
                administer(path, key, account.email(), 7).expect(200);
                return administer(path, key, service.register().email(), 7);
            });
        }
    }

    private Reply administer(String path, @Nullable String idempotencyKey, String email, int amount) {
        String what = path.endsWith("grants")
                ? "\"currency\": \"credits\", \"amount\": %d, \"reason\": \"goodwill\"".formatted(amount)
                : "\"plan_id\": \"professional\"";
        Call call =
                service.administrator().call("POST", path).json(json("{\"email\": \"%s\", %s}".formatted(email, what)));
        return (idempotencyKey == null ? call : call.header("Idempotency-Key", idempotencyKey)).send();
    }

    private static final String NOTHING =
            "{\"searchTerms\": \"unicorn\", \"location\": \"Nowhere\", \"maxResults\": %d}";

    private void jobs() {
        on("createScrapeJob 201", () -> account.post("/scrape", json(NOTHING.formatted(1))));
        on("createScrapeJob 400", () -> account.post("/scrape", json("{}")));
        on("createScrapeJob 402", () -> account.post("/scrape", json(NOTHING.formatted(500))));
        on("createScrapeJob 409", () -> {
            String key = UUID.randomUUID().toString();
            searchOnce(key, 1).expect(201);
            return searchOnce(key, 2);
        });
        on("listScrapeJobs 200", () -> {
            completedJob();
            return account.get("/scrape/jobs");
        });
        on("listScrapeJobs 400", () -> account.get("/scrape/jobs?limit=0"));
        on("getScrapeJob 200", () -> account.get("/scrape/jobs/" + jobWithPlaces()));
        on("getScrapeJob 400", () -> account.get("/scrape/jobs/" + completedJob() + "?resultsLimit=0"));
        on("deleteScrapeJob 200", () -> account.delete("/scrape/jobs/" + completedJob()));
        on("streamScrapeJobEvents 200", () -> account.get("/scrape/jobs/" + completedJob() + "/events"));
        on("exportScrapeJob 200 application/json", () -> export("json"));
        on("exportScrapeJob 200 text/csv", () -> export("csv"));
        on(
                "exportScrapeJob 200 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                () -> export("xlsx"));
        on("exportScrapeJob 400", () -> export("pdf"));
        on("exportScrapeJob 404", () -> account.get("/scrape/jobs/job_1/export/csv"));
        on("deliverScrapeJob 200", () -> deliver(jobWithPlaces(), "https://127.0.0.7:1/leads"));
        on("deliverScrapeJob 404", () -> deliver("job_1", "https://127.0.0.7:1/leads"));
        on("deliverScrapeJob 400", () -> deliver(completedJob(), "ftp://example.com/"));
        on("listScrapeJobDeliveries 200", () -> {
            String job = jobWithPlaces();
            deliver(job, "https://127.0.0.7:1/leads").expect(200);
            return account.get("/scrape/jobs/" + job + "/deliveries");
        });
        on("listScrapeJobDeliveries 400", () -> account.get("/scrape/jobs/" + completedJob() + "/deliveries?limit=0"));
    }

    private Reply searchOnce(String idempotencyKey, int maxResults) {
        return account.call("POST", "/scrape")
                .header("Idempotency-Key", idempotencyKey)
                .json(json(NOTHING.formatted(maxResults)))
                .send();
    }

    /** The id of a job that has ended, and found nothing. */
    private String completedJob() {
        String id = account.search(NOTHING.formatted(1));
        account.awaitJob(id);
        return id;
    }

    private String jobWithPlaces() {
        String id = account.search("{\"searchTerms\": \"coffee\", \"location\": \"Here\", \"maxResults\": 2}");
        account.awaitJob(id);
        return id;
    }

    private Reply deliver(String job, String url) {
        return account.post("/scrape/jobs/" + job + "/export/csv/deliver", json("{\"url\": \"%s\"}".formatted(url)));
    }

    private Reply export(String format) {
        return account.get("/scrape/jobs/" + jobWithPlaces() + "/export/" + format);
    }

    private void savedSearches() {
        on("createSavedSearch 201", () -> account.post("/scheduled/saved-searches", json(SAVED)));
        on("createSavedSearch 400", () -> account.post("/scheduled/saved-searches", json("{}")));
        on("listSavedSearches 200", () -> {
            savedSearch();
            return account.get("/scheduled/saved-searches");
        });
        on("getSavedSearch 200", () -> account.get(savedSearch()));
        on("updateSavedSearch 200", () -> account.put(savedSearch(), json("{\"isActive\": false}")));
        on("updateSavedSearch 400", () -> account.put(savedSearch(), json("{\"schedule\": \"now\"}")));
        on("deleteSavedSearch 200", () -> account.delete(savedSearch()));
        on("getSavedSearchHistory 200", () -> account.get(savedSearch() + "/history"));
        on("getSavedSearchHistory 400", () -> account.get(savedSearch() + "/history?limit=0"));
    }

    private static final String SAVED =
            "{\"name\": \"Leads\", \"searchTerms\": \"unicorn\", \"location\": \"Nowhere\", \"schedule\": \"@yearly\"}";

    /** The path of a saved search. */
    private String savedSearch() {
        return "/scheduled/saved-searches/"
                + account.post("/scheduled/saved-searches", json(SAVED))
                        .expect(201)
                        .json()
                        .path("id")
                        .asText();
    }

    private void system() {
        on("getHealth 200", () -> service.call("GET", "/health").send());
        on("getSystemMetrics 200", () -> service.administrator().get("/admin/system-metrics"));
    }

    private void emails() {
        on("getEmailVerification 200", () -> account.get("/auth/email-verification"));
        on("sendEmailVerification 200", () -> account.post("/auth/email-verification", json("{}")));
        on(
                "sendEmailVerification 403",
                () -> service.call("POST", "/auth/email-verification")
                        .header("Cookie", "bactrian_session=" + account.token())
                        .send());
        Map.of(
                        "showEmailConfirmation", "GET /email/confirm",
                        "confirmEmail", "POST /email/confirm",
                        "showUnsubscription", "GET /email/unsubscribe",
                        "unsubscribe", "POST /email/unsubscribe")
                .forEach((operation, call) -> {
                    String method = call.replaceFirst(" .*", "");
                    String path = call.replaceFirst(".* ", "");
                    on(operation + " 400", () -> service.call(method, path).send());
                    on(
                            operation + " 404",
                            () -> service.call(method, path + "?token=forged").send());
                });
    }

    private void billing() {
        on("listPlans 200", () -> service.call("GET", "/billing/plans").send());
        on("getSubscription 200", () -> subscriber().get("/billing/subscription"));
        on("changeSubscription 200", () -> subscriber().put("/billing/subscription", json(ENTERPRISE)));
        on("changeSubscription 400", () -> account.put("/billing/subscription", json("{}")));
        on("changeSubscription 404", () -> service.register().put("/billing/subscription", json(ENTERPRISE)));
        on("cancelSubscription 200", () -> cancelled().call("POST", CANCEL).send());
        on(
                "cancelSubscription 404",
                () -> service.register().call("POST", CANCEL).send());
        on("resumeSubscription 200", () -> cancelled().call("POST", RESUME).send());
        on(
                "resumeSubscription 404",
                () -> service.register().call("POST", RESUME).send());
        on("createCheckout 200", () -> account.post("/billing/create-checkout", json("{\"plan_id\": \"enterprise\"}")));
        on("createCheckout 400", () -> account.post("/billing/create-checkout", json("{\"plan_id\": \"gold\"}")));
        on(
                "createPortal 200",
                () -> subscriber().call("POST", "/billing/portal").send());
        on("createPortal 400", () -> poke("/billing/portal?api=neither"));
        on(
                "createPortal 404",
                () -> service.register().call("POST", "/billing/portal").send());
        on(
                "listInvoices 200",
                () -> service.call("GET", "/billing/invoices")
                        .as(subscriber().newKey("prod", "billing:read"))
                        .send());
        on("listInvoices 200 of mapscraper", () -> starter().get("/billing/invoices"));
    }

    private static final String CANCEL = "/billing/subscription/cancel";
    private static final String RESUME = "/billing/subscription/resume";
    private static final String ENTERPRISE = "{\"plan_id\": \"enterprise\"}";

    private void purchases() {
        for (String operation : List.of("addCredits /credits/add", "createBillingCheckout /billing/checkout")) {
            String name = operation.split(" ", -1)[0];
            String path = operation.split(" ", -1)[1];
            on(name + " 200", () -> account.post(path, json("{\"packageId\": \"large\"}")));
            on(name + " 400", () -> account.post(path, json("{\"packageId\": \"huge\"}")));
        }
        on("getSubscriptions 200", () -> starter().get("/billing/subscriptions"));
        on(
                "cancelMapSubscription 200",
                () -> starter().call("POST", "/billing/cancel-subscription").send());
        on(
                "cancelMapSubscription 404",
                () -> service.register()
                        .call("POST", "/billing/cancel-subscription")
                        .send());
    }

    private Account subscriber() {
        return SandboxPurchases.subscribed(service.register(), "professional");
    }

    private Account starter() {
        return SandboxPurchases.bought(service.register(), "starter");
    }

    private Account cancelled() {
        Account subscriber = subscriber();
        subscriber.call("POST", CANCEL).send().expect(200);
        return subscriber;
    }

    private void billingEvents() {
        on("receiveStripeEvent 200", () -> SignedEvents.stripe(service, early()));
        on(
                "receiveStripeEvent 400",
                () -> service.call("POST", "/billing/webhooks/stripe")
                        .json(json("{}"))
                        .send());
        on("receiveLemonSqueezyEvent 200", () -> SignedEvents.lemonSqueezy(service, """
                {"meta": {"event_name": "license_key_created"}, "data": {"type": "license-keys", "id": "%s",
                 "attributes": {"updated_at": "2026-01-01T00:00:00.000000Z"}}}""".formatted(UUID.randomUUID())));
        on(
                "receiveLemonSqueezyEvent 400",
                () -> service.call("POST", "/billing/webhooks/lemonsqueezy")
                        .json(json("{}"))
                        .send());
        on("listBillingEvents 200", () -> {
            waitingEvent();
            waitingEvent();
            return service.administrator().get("/admin/billing/events?page_size=1");
        });
        on("listBillingEvents 400", () -> service.administrator().get("/admin/billing/events?status=lost"));
        on(
                "applyBillingEvent 200",
                () -> service.administrator()
                        .call("POST", "/admin/billing/events/" + waitingEvent() + "/apply")
                        .send());
        on(
                "applyBillingEvent 404",
                () -> service.administrator()
                        .call("POST", "/admin/billing/events/" + UUID.randomUUID() + "/apply")
                        .send());
    }

    /** An event of Stripe's about a payment of somebody who is not known, or not yet. */
    private static String early() {
        return """
                {"id": "evt_%1$s", "object": "event", "api_version": "2025-09-30.clover", "created": 1767225600,
                 "type": "invoice.payment_failed", "livemode": false, "data": {"object": {
                 "id": "in_%1$s", "object": "invoice", "customer": "cus_%1$s", "amount_due": 2900, "amount_paid": 0,
                 "total": 2900, "currency": "usd", "status": "open", "created": 1767225600,
                 "billing_reason": "subscription_cycle", "lines": {"object": "list", "data": []}}}}""".formatted(UUID.randomUUID().toString().replace("-", ""));
    }

    /** The id of an event that waits. */
    private String waitingEvent() {
        SignedEvents.stripe(service, early()).expect(200);
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> service.administrator()
                                .get("/admin/billing/events?status=waiting")
                                .json()
                                .path(0)
                                .path("id")
                                .asText(),
                        id -> !id.isEmpty());
    }

    private void sandbox() {
        on("showSandboxCheckout 200", () -> service.call("GET", checkout()).send());
        on("showSandboxCheckout 410", () -> service.call("GET", ended()).send());
        on("endSandboxCheckout 400", () -> form(checkout(), "outcome=steal"));
        on("endSandboxCheckout 404", () -> form("/sandbox/checkout/" + UUID.randomUUID(), "outcome=pay"));
        on("endSandboxCheckout 410", () -> form(ended(), "outcome=pay"));
        on("changeSandboxSubscription 400", () -> form("/sandbox/portal/forged", "action=steal"));
        on("changeSandboxSubscription 404", () -> form("/sandbox/portal/forged", "action=cancel"));
        on("getSandboxInvoice 200", () -> {
            JsonNode invoice = SandboxPurchases.bought(service.register(), "small")
                    .get("/billing/invoices")
                    .json()
                    .at("/invoices/0/pdfUrl");
            return service.call("GET", SandboxPurchases.path(invoice)).send();
        });
        on("showSandboxPortal 200", () -> service.call("GET", portal()).send());
        on("changeSandboxSubscription 200", () -> form(portal(), "action=cancel"));
    }

    private String portal() {
        return SandboxPurchases.path(subscriber()
                .call("POST", "/billing/portal")
                .send()
                .expect(200)
                .json()
                .path("portal_url"));
    }

    private String checkout() {
        return SandboxPurchases.begin(service.register(), "small");
    }

    private String ended() {
        String checkout = checkout();
        form(checkout, "outcome=cancel").expect(303);
        return checkout;
    }

    private Reply form(String path, String fields) {
        return service.call("POST", path)
                .text("application/x-www-form-urlencoded", fields)
                .send();
    }

    private void documents() {
        on("getSelextractDocument 200", () -> account.get("/openapi/selextract.json"));
        on("getMapscraperDocument 200", () -> account.get("/openapi/mapscraper.json"));
        on("getDocumentation 200", () -> account.get("/docs"));
    }

    private void rules() {
        all(
                401,
                response -> !response.operation().open(),
                response -> call(response).send());
        all(
                403,
                response -> response.operation().admin(),
                response -> call(response).as(account.token()).send());
        all(403, response -> response.operation().permission() != null, response -> {
            String other = "billing:read".equals(response.operation().permission()) ? "tasks:read" : "billing:read";
            return call(response).as(account.newKey("prod", other)).send();
        });
        all(404, response -> response.operation().path().contains("{"), response -> {
            Call call = call(response).as(account.token());
            return response.exampleOfRequest().map(call::json).orElse(call).send();
        });
        all(
                413,
                response -> true,
                response -> RawHttp.send(
                        service,
                        response.operation().method() + " " + response.pathOfNothing() + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Length: " + TOO_MUCH));
        all(
                415,
                response -> true,
                response -> call(response)
                        .as(
                                response.operation().admin()
                                        ? service.administrator().token()
                                        : account.newKey("prod", "*"))
                        .text("text/plain", "nonsense")
                        .send());
    }

    /** An answer that is to be as the response says, or empty where nothing here tells how to have it. */
    Optional<Reply> replyOf(DocumentedResponse response) {
        Supplier<Reply> own = scenarios.get(response.name());
        if (own != null) {
            return Optional.of(own.get());
        }
        return rules.stream()
                .filter(rule -> rule.status() == response.status() && rule.of().test(response))
                .findFirst()
                .map(rule -> rule.reply().apply(response));
    }

    /** The names that are told of here and are not among the documented ones. */
    Set<String> without(List<DocumentedResponse> documented) {
        Set<String> names = new HashSet<>(scenarios.keySet());
        documented.forEach(response -> names.remove(response.name()));
        return names;
    }

    private record Rule(int status, Predicate<DocumentedResponse> of, Function<DocumentedResponse, Reply> reply) {}

    private void on(String response, Supplier<Reply> reply) {
        scenarios.put(response, reply);
    }

    private void all(int status, Predicate<DocumentedResponse> of, Function<DocumentedResponse, Reply> reply) {
        rules.add(new Rule(status, of, reply));
    }

    private Call call(DocumentedResponse response) {
        return service.call(response.operation().method(), response.pathOfNothing());
    }

    private Reply asKey(String method, String target, String permission) {
        return service.call(method, target)
                .as(account.newKey("prod", permission))
                .send();
    }

    private Reply register(String password) {
        return service.call("POST", "/auth/register")
                .json(json(
                        "{\"email\": \"%s@example.com\", \"password\": \"%s\"}".formatted(UUID.randomUUID(), password)))
                .send();
    }

    private Reply login(String password) {
        return service.call("POST", "/auth/login")
                .json(json("{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), password)))
                .send();
    }

    private TaskRequest task() {
        return TaskRequest.simple(site.url("/page"));
    }

    private Reply createOnce(String idempotencyKey, String name) {
        return account.call("POST", "/tasks")
                .header("Idempotency-Key", idempotencyKey)
                .json(task().named(name).json())
                .send();
    }

    /** The id of a task that has ended. */
    private String ended(TaskRequest request) {
        String id = account.create(request);
        account.awaitEnd(id);
        return id;
    }

    private Reply download(String format) {
        return account.get("/tasks/" + ended(task()) + "/download?format=" + format);
    }

    private static JsonNode json(String text) {
        return TaskRequest.parse(text);
    }
}
