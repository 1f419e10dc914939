package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.webhook.Delivery;
import io.bactrian.webhook.DeliveryAttempt;
import io.bactrian.webhook.DeliveryPage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A delivery as clients see it. */
record DeliveryView(
        long id,
        String event,
        String eventId,
        String status,
        List<DeliveryAttempt> attempts,
        @Nullable Instant nextAttemptAt,
        @JsonProperty("created_at") Instant createdAt) {

    private record Listed(List<DeliveryView> deliveries, Pagination pagination) {}

    private record Queued(String status, long deliveryId) {}

    static Answer page(DeliveryPage page) {
        return Answer.ok(new Listed(
                page.deliveries().stream().map(DeliveryView::of).toList(),
                Pagination.of(page.page(), page.limit(), page.total())));
    }

    static Answer queued(long deliveryId) {
        return Answer.ok(new Queued("queued", deliveryId));
    }

    private static DeliveryView of(Delivery delivery) {
        return new DeliveryView(
                delivery.id(),
                delivery.event(),
                delivery.eventId(),
                delivery.status().value(),
                delivery.attempts(),
                delivery.nextAttemptAt(),
                delivery.createdAt());
    }
}
