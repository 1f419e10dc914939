package io.bactrian.webhook;

/**
 * An event whose delivery to an endpoint is due, and claimed by a lane.
 *
 * @param attempts how many there were before
 * @param attemptsBefore how many of them do not count for the schedule of retries, because it was asked for anew since
 * @param body what the receiver is sent, byte for byte
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DueDelivery(long id, String eventId, int attempts, int attemptsBefore, byte[] body) {}
