package io.bactrian.webhook;

import java.util.List;

/**
 * A page of a list of deliveries, the newest first.
 *
 * @param page from 1
 * @param limit the most that a page has
 * @param total of all pages
 */
public record DeliveryPage(List<Delivery> deliveries, int page, int limit, long total) {
    public DeliveryPage {
        deliveries = List.copyOf(deliveries);
    }

    /** Whether there are deliveries after this page. */
    public boolean hasMore() {
        return (long) page * limit < total;
    }
}
