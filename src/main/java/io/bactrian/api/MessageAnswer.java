package io.bactrian.api;

/**
 * What a message is answered: as its request over HTTP would have been.
 *
 * @param status the HTTP status
 * @param body JSON text
 */
public record MessageAnswer(int status, String body) {}
