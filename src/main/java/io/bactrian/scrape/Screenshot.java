package io.bactrian.scrape;

/**
 * A picture of a page as the browser shows it.
 *
 * @param png the picture in PNG
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a copy of each picture would be waste
public record Screenshot(byte[] png) {}
