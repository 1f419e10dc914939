package io.bactrian.webhook;

/**
 * The token of one lane of an endpoint, as it travels through the broker.
 *
 * @param sequence counts the tokens that the lane has had: one with a lower number is out of date
 */
record EndpointToken(long endpoint, int lane, long sequence) {}
