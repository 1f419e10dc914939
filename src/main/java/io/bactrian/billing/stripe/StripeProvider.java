package io.bactrian.billing.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.StripeClient;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.StripeException;
import com.stripe.net.ApiResource.RequestMethod;
import com.stripe.net.RawRequestOptions;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.PaymentProvider;
import io.bactrian.billing.PaymentProviderUnavailableException;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.egress.OperatorClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stripe's API. Answers are read as events are, so that both say the same. Safe for use by many threads. */
final class StripeProvider implements PaymentProvider {
    private static final Logger LOG = LoggerFactory.getLogger(StripeProvider.class);
    private static final String SUBSCRIPTIONS = "/v1/subscriptions";
    private static final int LONGEST_WORDS = 500;

    /** An invoice may be paid as long after it was made; Stripe lists by when it was made. */
    private static final Duration LATEST_PAYMENT = Duration.ofDays(30);

    private final StripeClient stripe;
    private final BillingProperties properties;
    private final ObjectMapper json;
    private final Clock clock;

    StripeProvider(BillingProperties properties, OperatorClient http, ObjectMapper json, Clock clock) {
        this.stripe = StripeClient.builder()
                .setApiKey(properties.stripe().apiKey())
                .setApiBase(properties.stripe().baseUrl())
                .setMaxNetworkRetries(0)
                .setHttpClient(new StripeTransport(http))
                .build();
        this.properties = properties;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public Provider provider() {
        return Provider.STRIPE;
    }

    @Override
    public boolean sandbox() {
        return false;
    }

    @Override
    public HostedCheckout open(CheckoutRequest request) {
        boolean plan = request.kind() == CheckoutKind.PLAN;
        Map<String, String> form = new LinkedHashMap<>();
        form.put("mode", plan ? "subscription" : "payment");
        form.put("client_reference_id", request.id().toString());
        form.put("line_items[0][quantity]", "1");
        Optional<String> price = properties.price(Provider.STRIPE, request.item());
        if (price.isPresent()) {
            form.put("line_items[0][price]", price.get());
        } else {
            form.put("line_items[0][price_data][product_data][name]", request.title());
            priceData(form, "line_items[0][price_data]", request.amount(), plan ? request.interval() : null);
        }
        metadata(form, "metadata", request);
        if (plan) {
            metadata(form, "subscription_data[metadata]", request);
        } else {
            form.put("invoice_creation[enabled]", "true");
            metadata(form, "invoice_creation[invoice_data][metadata]", request);
            metadata(form, "payment_intent_data[metadata]", request);
        }
        if (request.customer() != null) {
            form.put("customer", request.customer());
        } else {
            form.put("customer_email", request.email());
            if (!plan) {
                form.put("customer_creation", "always");
            }
        }
        form.put("success_url", request.successUrl());
        form.put("cancel_url", request.cancelUrl());
        form.put("expires_at", Long.toString(request.expires().getEpochSecond()));
        JsonNode session = post("/v1/checkout/sessions", form, "checkout-" + request.id());
        return read(() -> new HostedCheckout(
                StripeObjects.need(session, "id"),
                StripeObjects.need(session, "url"),
                StripeObjects.needTime(session, "expires_at")));
    }

    private static void metadata(Map<String, String> form, String prefix, CheckoutRequest request) {
        form.put(prefix + "[account_id]", request.account().toString());
        form.put(prefix + "[checkout_id]", request.id().toString());
        form.put(prefix + (request.kind() == CheckoutKind.PLAN ? "[plan_id]" : "[package_id]"), request.item());
    }

    private static void priceData(
            Map<String, String> form, String prefix, long amount, @Nullable BillingInterval interval) {
        form.put(prefix + "[currency]", "usd");
        form.put(prefix + "[unit_amount]", Long.toString(amount));
        if (interval != null) {
            form.put(prefix + "[recurring][interval]", interval == BillingInterval.YEARLY ? "year" : "month");
        }
    }

    @Override
    public SubscriptionState subscription(String id) {
        return state(get(path(id) + "?expand%5B%5D=default_payment_method"));
    }

    @Override
    public SubscriptionState changePlan(String id, String plan, long amount, BillingInterval interval, String key) {
        JsonNode item = get(path(id)).at("/items/data/0");
        Map<String, String> form = new LinkedHashMap<>();
        form.put("items[0][id]", read(() -> StripeObjects.need(item, "id")));
        Optional<String> price = properties.price(Provider.STRIPE, plan);
        if (price.isPresent()) {
            form.put("items[0][price]", price.get());
        } else {
            form.put("items[0][price_data][product]", read(() -> StripeObjects.need(item, "price/product")));
            priceData(form, "items[0][price_data]", amount, interval);
        }
        form.put("proration_behavior", "always_invoice");
        // A payment that is refused changes nothing.
        form.put("payment_behavior", "error_if_incomplete");
        form.put("metadata[plan_id]", plan);
        return change(id, form, key);
    }

    @Override
    public SubscriptionState cancel(String id, String key) {
        return change(id, new LinkedHashMap<>(Map.of("cancel_at_period_end", "true")), key);
    }

    /** The customer portal may have set a date instead, and Stripe takes only one of the two fields. */
    @Override
    public SubscriptionState resume(String id, String key) {
        JsonNode present = get(path(id));
        boolean byDate = !present.path("cancel_at_period_end").asBoolean()
                && present.path("cancel_at").isNumber();
        return byDate
                ? change(id, new LinkedHashMap<>(Map.of("cancel_at", "")), key + "-date")
                : change(id, new LinkedHashMap<>(Map.of("cancel_at_period_end", "false")), key);
    }

    private SubscriptionState change(String id, Map<String, String> form, String key) {
        form.put("expand[]", "default_payment_method");
        return state(post(path(id), form, key));
    }

    @Override
    public void end(String id, String key) {
        try {
            call(RequestMethod.DELETE, path(id), null, null);
        } catch (StripeException refused) {
            // Stripe does not find a subscription to be ended that has ended.
            if (refused.getStatusCode() == null || refused.getStatusCode() != 404) {
                throw failure(refused);
            }
        }
    }

    @Override
    public String portal(UUID account, @Nullable String customer, @Nullable String subscription, String returnUrl) {
        if (customer == null) {
            throw new PaymentRefusedException(
                    "Stripe knows no customer of this account yet: buy something first.", false);
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("customer", customer);
        form.put("return_url", returnUrl);
        JsonNode session = post("/v1/billing_portal/sessions", form, "portal-" + UUID.randomUUID());
        return read(() -> StripeObjects.need(session, "url"));
    }

    @Override
    public void list(Instant since, Consumer<BillingFact> fact) {
        pages(SUBSCRIPTIONS + "?limit=50&expand%5B%5D=data.default_payment_method", object -> {
            SubscriptionState state = state(object);
            if (state.status() != SubscriptionStatus.ENDED) {
                fact.accept(state);
            }
        });
        long made = since.minus(LATEST_PAYMENT).getEpochSecond();
        pages("/v1/invoices?limit=50&status=paid&expand%5B%5D=data.payments&created%5Bgte%5D=" + made, object -> {
            BillingFact.InvoiceState invoice = read(() -> StripeObjects.invoice(object, clock.instant()));
            if (invoice.paid() == null || !invoice.paid().isBefore(since)) {
                fact.accept(invoice);
            }
        });
        // An invoice does not tell what was returned of it.
        pages(
                "/v1/refunds?limit=50&expand%5B%5D=data.charge&created%5Bgte%5D=" + since.getEpochSecond(),
                object -> read(() -> StripeObjects.refunded(object.path("charge"), clock.instant()))
                        .forEach(fact));
        pages(
                "/v1/disputes?limit=50&created%5Bgte%5D=" + made,
                object -> read(() -> StripeObjects.disputed(object, clock.instant()))
                        .forEach(fact));
    }

    private void pages(String path, Consumer<JsonNode> each) {
        String after = "";
        JsonNode page;
        do {
            page = get(path + (after.isEmpty() ? "" : "&starting_after=" + encoded(after)));
            if (!page.path("data").isArray()) {
                throw new PaymentProviderUnavailableException(Provider.STRIPE);
            }
            String last = "";
            for (JsonNode object : page.path("data")) {
                last = read(() -> StripeObjects.need(object, "id"));
                each.accept(object);
            }
            // A page that leads to itself would never end.
            if (last.isEmpty() || last.equals(after)) {
                return;
            }
            after = last;
        } while (page.path("has_more").asBoolean());
    }

    private static SubscriptionState state(JsonNode subscription) {
        return read(() -> StripeObjects.subscription(subscription, false, null));
    }

    private static <T> T read(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (InvalidEventException incomplete) {
            throw new PaymentProviderUnavailableException(Provider.STRIPE, incomplete);
        }
    }

    private static String path(String subscription) {
        return SUBSCRIPTIONS + "/" + encoded(subscription);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String call(RequestMethod method, String path, @Nullable String content, @Nullable String key)
            throws StripeException {
        try {
            RawRequestOptions.RawRequestOptionsBuilder options = RawRequestOptions.builder();
            if (key != null) {
                options.setIdempotencyKey(key);
            }
            return stripe.rawRequest(method, path, content, options.build()).body();
        } catch (RuntimeException unreadable) {
            // The library fails in several ways on errors without a JSON object, such as a proxy's.
            throw new PaymentProviderUnavailableException(Provider.STRIPE, unreadable);
        }
    }

    private JsonNode get(String path) {
        try {
            return parse(call(RequestMethod.GET, path, null, null));
        } catch (StripeException refused) {
            throw failure(refused);
        }
    }

    private JsonNode post(String path, Map<String, String> form, String key) {
        String content = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        try {
            return parse(call(RequestMethod.POST, path, content, key));
        } catch (StripeException refused) {
            throw failure(refused);
        }
    }

    private JsonNode parse(String body) {
        try {
            return json.readTree(body);
        } catch (JsonProcessingException malformed) {
            throw new PaymentProviderUnavailableException(Provider.STRIPE);
        }
    }

    /** The library's own message has ids of requests, and its causes may have more; neither goes on. */
    private RuntimeException failure(StripeException refused) {
        @Nullable Integer known = refused.getStatusCode();
        int status = known == null ? 0 : known;
        if (status == 401 || status == 403) {
            LOG.error(
                    "Stripe does not accept bactrian.billing.stripe.api-key, or it may not do this: make another one there, and set it.");
            return new PaymentProviderUnavailableException(Provider.STRIPE);
        }
        boolean customerCanDoNothing = status < 400
                || status == 409
                || status == 429
                || status >= 500
                || refused instanceof IdempotencyException;
        return customerCanDoNothing
                ? new PaymentProviderUnavailableException(Provider.STRIPE)
                : new PaymentRefusedException(words(refused), status == 402);
    }

    private String words(StripeException refused) {
        @Nullable
        String said = refused.getStripeError() == null
                ? null
                : refused.getStripeError().getMessage();
        String words =
                said == null ? "" : said.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        if (words.isEmpty() || words.contains(properties.stripe().apiKey())) {
            return "Stripe refuses this, and does not say why.";
        }
        return words.length() > LONGEST_WORDS ? words.substring(0, LONGEST_WORDS) : words;
    }
}
