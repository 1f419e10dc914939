package io.bactrian.task;

import java.time.Instant;

/**
 * A page that a lane keeps for later: to be tried again, or because its host wants a slower pace.
 *
 * @param position of the page among its task's URLs, from 0
 * @param attempt which attempt is the next one, from 1
 * @param notBefore when it may begin
 * @param paced whether its turn at the host is already booked for that moment
 */
record DeferredPage(int position, String url, int attempt, Instant notBefore, boolean paced) {}
