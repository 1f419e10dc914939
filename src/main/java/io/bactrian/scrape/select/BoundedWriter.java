package io.bactrian.scrape.select;

import java.io.Writer;

/** Collects text up to the most that one page may yield. */
final class BoundedWriter extends Writer {
    private static final int MAXIMAL_LENGTH = 4 * 1024 * 1024;

    private final StringBuilder text = new StringBuilder(2048);

    @Override
    public void write(char[] characters, int offset, int length) {
        if (text.length() + length > MAXIMAL_LENGTH) {
            throw new ExtractionException("the page yields more than 4 MB of data: make the selectors more specific.");
        }
        text.append(characters, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public String toString() {
        return text.toString();
    }
}
