package io.bactrian.webhook;

/**
 * What the message of a delivery says.
 *
 * @param delivery its id
 * @param sequence counts the times that it was put into the queue anew: a message with a lower one is out of date
 */
record DeliveryToken(long delivery, long sequence) {}
