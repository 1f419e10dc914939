package io.bactrian.billing.lemonsqueezy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.PaymentProvider;
import io.bactrian.billing.PaymentProviderUnavailableException;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lemon Squeezy's JSON:API. It has no idempotency keys: whoever opens a checkout holds a lock, and the other calls set what
 * they set, however often. Safe for use by many threads.
 */
final class LemonSqueezyProvider implements PaymentProvider {
    private static final Logger LOG = LoggerFactory.getLogger(LemonSqueezyProvider.class);
    private static final String TYPE = "application/vnd.api+json";
    private static final int PAGE = 50;
    private static final int MOST_PAGES = 10_000;
    private static final int LONGEST_WORDS = 500;

    /** Lemon Squeezy tries a failed payment again for two weeks; it lists by when an invoice was made. */
    private static final Duration LATEST_PAYMENT = Duration.ofDays(30);

    private final OperatorClient http;
    private final BillingProperties properties;
    private final ObjectMapper json;
    private volatile @Nullable Boolean testMode;

    LemonSqueezyProvider(BillingProperties properties, OperatorClient http, ObjectMapper json) {
        this.http = http;
        this.properties = properties;
        this.json = json;
    }

    @Override
    public Provider provider() {
        return Provider.LEMONSQUEEZY;
    }

    @Override
    public boolean sandbox() {
        return false;
    }

    /**
     * Whether the key is of test mode, in which cards of the documentation pay. The key does not show it, so Lemon Squeezy is
     * asked, once.
     */
    boolean testMode() {
        Boolean known = testMode;
        if (known == null) {
            JsonNode told = call("GET", "/users/me", null).at("/meta/test_mode");
            if (!told.isBoolean()) {
                throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
            }
            known = told.booleanValue();
            testMode = known;
            if (known) {
                LOG.warn(
                        "bactrian.billing.lemonsqueezy.api-key is of Lemon Squeezy's test mode: its events give plans and units, and no money moves.");
            }
        }
        return known;
    }

    @Override
    public HostedCheckout open(CheckoutRequest request) {
        String variant = variant(request.item());
        Map<String, Object> attributes = Map.of(
                "checkout_data",
                        Map.of(
                                "email", request.email(),
                                "custom",
                                        Map.of(
                                                "account_id", request.account().toString(),
                                                "checkout_id", request.id().toString(),
                                                "plan_id", request.item())),
                "product_options",
                        // Otherwise the page offers the product's other variants too.
                        Map.of("redirect_url", request.successUrl(), "enabled_variants", List.of(number(variant))),
                "expires_at", request.expires().toString());
        Map<String, Object> relationships = Map.of(
                "store", related("stores", properties.lemonsqueezy().storeId()),
                "variant", related("variants", variant));
        JsonNode checkout = call(
                        "POST",
                        "/checkouts",
                        Map.of("type", "checkouts", "attributes", attributes, "relationships", relationships))
                .path("data");
        String url = LemonSqueezyObjects.webAddress(checkout, "attributes/url");
        if (url == null) {
            throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
        }
        return read(() -> new HostedCheckout(LemonSqueezyObjects.need(checkout, "id"), url, request.expires()));
    }

    private static Map<String, Object> related(String type, String id) {
        return Map.of("data", Map.of("type", type, "id", id));
    }

    /** Ids are numbers in attributes; one that is none is for Lemon Squeezy to refuse. */
    private static Object number(String id) {
        return id.matches("[0-9]{1,18}") ? (Object) Long.valueOf(id) : id;
    }

    private String variant(String plan) {
        return properties
                .price(Provider.LEMONSQUEEZY, plan)
                .orElseThrow(() -> new PaymentRefusedException(
                        "The plan %s is not sold here yet. Tell the operator to set bactrian.billing.lemonsqueezy.variants.%s."
                                .formatted(plan, plan),
                        false));
    }

    @Override
    public SubscriptionState subscription(String id) {
        return state(call("GET", path(id), null).path("data"));
    }

    @Override
    public SubscriptionState changePlan(String id, String plan, long amount, BillingInterval interval, String key) {
        String variant = variant(plan);
        JsonNode changed = change(id, Map.of("variant_id", number(variant), "invoice_immediately", true));
        SubscriptionState state = state(changed);
        if (!variant.equals(state.price())) {
            throw elsewhere(changed, "changed");
        }
        return state;
    }

    @Override
    public SubscriptionState cancel(String id, String key) {
        return state(call("DELETE", path(id), null).path("data"));
    }

    @Override
    public SubscriptionState resume(String id, String key) {
        JsonNode changed = change(id, Map.of("cancelled", false));
        SubscriptionState state = state(changed);
        if (state.cancelAtPeriodEnd()) {
            throw elsewhere(changed, "resumed");
        }
        return state;
    }

    private JsonNode change(String id, Map<String, Object> attributes) {
        return call("PATCH", path(id), Map.of("type", "subscriptions", "id", id, "attributes", attributes))
                .path("data");
    }

    /** What is paid through PayPal is left as it was, without an error: its owner has to agree to the change there. */
    private static PaymentRefusedException elsewhere(JsonNode subscription, String done) {
        String portal =
                LemonSqueezyObjects.webAddress(subscription, "attributes/urls/customer_portal_update_subscription");
        return new PaymentRefusedException(
                "Lemon Squeezy has not %s the subscription, as with those that are paid through PayPal. Do it in the customer portal%s."
                        .formatted(done, portal == null ? ", which POST /billing/portal leads to" : ": " + portal),
                false);
    }

    /** It ends with its period: Lemon Squeezy ends none at once. */
    @Override
    public void end(String id, String key) {
        SubscriptionState present = subscription(id);
        if (present.status() != SubscriptionStatus.ENDED && !present.cancelAtPeriodEnd()) {
            cancel(id, key);
        }
    }

    @Override
    public String portal(UUID account, @Nullable String customer, @Nullable String subscription, String returnUrl) {
        if (subscription == null) {
            throw new PaymentRefusedException("There is nothing to manage yet: buy a plan first.", false);
        }
        JsonNode object = call("GET", path(subscription), null).path("data");
        String url = LemonSqueezyObjects.webAddress(object, "attributes/urls/customer_portal");
        if (url == null) {
            throw new PaymentRefusedException(
                    "Lemon Squeezy has no customer portal for this subscription. Use the links in its receipts.",
                    false);
        }
        return url;
    }

    @Override
    public void list(Instant since, Consumer<BillingFact> fact) {
        String store = "filter[store_id]=" + encoded(properties.lemonsqueezy().storeId());
        pages("/subscriptions?" + store, object -> {
            SubscriptionState state = state(object);
            if (state.status() != SubscriptionStatus.ENDED) {
                fact.accept(state);
            }
            return true;
        });
        // The newest come first, and a filter by status would leave out what was returned.
        Instant made = since.minus(LATEST_PAYMENT);
        pages("/subscription-invoices?" + store, object -> {
            InvoiceState invoice = read(() -> LemonSqueezyObjects.invoice(object, MissingNode.getInstance()));
            if (invoice.status().compareTo(InvoiceStatus.PAID) >= 0
                    && !invoice.at().isBefore(since)) {
                fact.accept(invoice);
            }
            return !invoice.created().isBefore(made);
        });
    }

    /** @param taker takes one object of a list, and tells whether it wants more; a page of which none does is the last */
    private void pages(String path, Predicate<JsonNode> taker) {
        for (int number = 1; number <= MOST_PAGES; number++) {
            JsonNode page = call("GET", "%s&page[number]=%d&page[size]=%d".formatted(path, number, PAGE), null);
            if (!page.path("data").isArray()) {
                throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
            }
            boolean on = false;
            for (JsonNode object : page.path("data")) {
                on |= taker.test(object);
            }
            if (!on || number >= page.at("/meta/page/lastPage").asInt(0)) {
                return;
            }
        }
        LOG.error("Lemon Squeezy lists more than {} pages of {} objects: they cannot be compared", MOST_PAGES, PAGE);
        throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
    }

    private static SubscriptionState state(JsonNode object) {
        return read(() -> LemonSqueezyObjects.subscription(object, MissingNode.getInstance(), false, null));
    }

    private static <T> T read(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (InvalidEventException incomplete) {
            throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY, incomplete);
        }
    }

    private static String path(String subscription) {
        return "/subscriptions/" + encoded(subscription);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode call(String method, String path, @Nullable Object data) {
        EgressResponse answer;
        try {
            answer = http.send(
                    method,
                    properties.lemonsqueezy().baseUrl() + "/v1"
                            + path.replace("[", "%5B").replace("]", "%5D"),
                    Map.of(
                            "Accept", TYPE,
                            "Content-Type", TYPE,
                            "Authorization",
                                    "Bearer " + properties.lemonsqueezy().apiKey()),
                    data == null ? null : json.writeValueAsBytes(Map.of("data", data)));
        } catch (EgressFailedException | EgressRefusedException away) {
            throw new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY, away);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A request to Lemon Squeezy cannot be written as JSON.", e);
        }
        JsonNode body = parse(answer);
        if (answer.status() >= 200 && answer.status() < 300) {
            return body;
        }
        throw failure(answer.status(), body);
    }

    /** What is no JSON is missing. */
    private JsonNode parse(EgressResponse answer) {
        try {
            return answer.body().length == 0 ? MissingNode.getInstance() : json.readTree(answer.body());
        } catch (IOException malformed) {
            return MissingNode.getInstance();
        }
    }

    private RuntimeException failure(int status, JsonNode body) {
        if (status == 401 || status == 403) {
            LOG.error(
                    "Lemon Squeezy does not accept bactrian.billing.lemonsqueezy.api-key: make a new one there, and set it.");
            return new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
        }
        return switch (status) {
            case 400, 402, 422 -> new PaymentRefusedException(words(body), status == 402);
            case 404 -> new PaymentRefusedException("Lemon Squeezy does not know this.", false);
            default -> new PaymentProviderUnavailableException(Provider.LEMONSQUEEZY);
        };
    }

    private String words(JsonNode body) {
        String words = StreamSupport.stream(body.path("errors").spliterator(), false)
                .map(error -> error.path("detail").asText(""))
                .collect(Collectors.joining(" "))
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        if (words.isEmpty() || words.contains(properties.lemonsqueezy().apiKey())) {
            return "Lemon Squeezy refuses this, and does not say why.";
        }
        return words.length() > LONGEST_WORDS ? words.substring(0, LONGEST_WORDS) : words;
    }
}
