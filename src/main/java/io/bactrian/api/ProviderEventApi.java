package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.NotFoundException;
import io.bactrian.billing.BillingEvents;
import io.bactrian.billing.EventStatus;
import io.bactrian.billing.Provider;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What payment providers tell this service, and what administrators see of it. */
@Component
public class ProviderEventApi {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderEventApi.class);

    private final BillingEvents events;

    ProviderEventApi(BillingEvents events) {
        this.events = events;
    }

    /** Takes an event of Stripe's. */
    public Answer stripe(ApiCall call) {
        return receive(Provider.STRIPE, call);
    }

    /** Takes an event of Lemon Squeezy's. */
    public Answer lemonSqueezy(ApiCall call) {
        return receive(Provider.LEMONSQUEEZY, call);
    }

    private Answer receive(Provider provider, ApiCall call) {
        events.receive(provider, call.signedBody(), name -> call.parameters().text(name));
        return Answer.ok(Map.of("received", true));
    }

    private record EventView(
            UUID id,
            String provider,
            @JsonProperty("provider_id") String providerId,
            String type,
            String status,
            @Nullable String reason,
            int attempts,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("received_at") Instant receivedAt) {
        static EventView of(BillingEvents.Entry entry) {
            return new EventView(
                    entry.id(),
                    entry.provider().code(),
                    entry.providerId(),
                    entry.type(),
                    entry.status().code(),
                    entry.reason(),
                    entry.attempts(),
                    TaskView.millis(entry.createdAt()),
                    TaskView.millis(entry.receivedAt()));
        }
    }

    /** A page of the events of those statuses, the newest first. */
    public Answer list(ApiCall call) {
        Set<EventStatus> statuses = EnumSet.noneOf(EventStatus.class);
        List<String> named = call.parameters().list("status");
        named.forEach(name -> statuses.add(EventStatus.valueOf(name.toUpperCase(Locale.ROOT))));
        int page = call.parameters().integer("page");
        int pageSize = call.parameters().integer("page_size");
        long total = events.count(statuses);
        List<EventView> views = events.list(statuses, Math.multiplyExact(page - 1, pageSize), pageSize).stream()
                .map(EventView::of)
                .toList();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Total-Count", Long.toString(total));
        String links = PageLinks.of("/admin/billing/events", Map.of("status", named), page, pageSize, total);
        if (!links.isEmpty()) {
            headers.put("Link", links);
        }
        return new Answer(200, headers, new Answer.Json(views));
    }

    /** Has an event applied again that could not be applied. */
    public Answer apply(ApiCall call) {
        UUID id = call.id("event_id");
        if (id == null) {
            throw new NotFoundException("Event");
        }
        BillingEvents.Entry entry = events.again(id);
        LOG.info("Account {} has the event {} applied again", call.accountId(), id);
        return Answer.ok(EventView.of(entry));
    }
}
