package io.bactrian.webhook;

import java.util.UUID;

/**
 * A delivery whose next attempt is due.
 *
 * @param attempts how many there were before
 */
record PendingDelivery(
        DeliveryToken token, UUID accountId, String subject, String format, String url, String eventId, int attempts) {}
