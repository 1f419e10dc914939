package io.bactrian.scrape.select;

import java.nio.charset.StandardCharsets;

/**
 * The memory that a page is expected to take once it is parsed, estimated from its bytes without parsing them.
 *
 * <p>Nodes were measured with jsoup on a JVM with compressed pointers: about 37 bytes for an element, 50 to 90 for a text and up to
 * 90 for an attribute. An element counts more, for the lists of matches that selectors make.
 */
final class MarkupSize {
    static final int ELEMENT = 60;
    static final int ATTRIBUTE = 90;
    private static final int TEXT = 60;
    private static final int JSON_VALUE = 90;
    /** For each byte of the body: its characters, decoded and again in the nodes. */
    private static final int CHARACTERS = 2;

    private static final byte[] JSON_LD = "ld+json".getBytes(StandardCharsets.US_ASCII);

    private MarkupSize() {}

    /** An estimate for HTML or XML in any encoding that has ASCII in it. */
    static long ofMarkup(byte[] body) {
        long bytes = (long) CHARACTERS * body.length;
        boolean tag = false;
        boolean separated = false;
        int quote = 0;
        int last = 0;
        for (byte each : body) {
            if (!tag) {
                if (last == '<' && isLetter(each)) {
                    tag = true;
                    separated = false;
                    bytes += ELEMENT;
                } else if (last == '<' && each != '/') {
                    bytes += TEXT;
                } else if (last == '>' && each != '<') {
                    bytes += TEXT;
                }
            } else if (quote != 0) {
                if (each == quote) {
                    quote = 0;
                    separated = true;
                }
            } else if (each == '>') {
                tag = false;
            } else if ((each == '"' || each == '\'') && last == '=') {
                quote = each;
            } else if (each == ' ' || each == '\n' || each == '\t' || each == '\r' || each == '\f' || each == '/') {
                separated = true;
            } else if (separated && each != '=') {
                separated = false;
                bytes += ATTRIBUTE;
            }
            // White space around an equals sign changes nothing.
            last = each == ' ' && last == '=' ? last : each;
        }
        return bytes;
    }

    /** Whether a page speaks of JSON-LD, which is parsed beside its markup. */
    static boolean mentionsJsonLd(byte[] body) {
        int matched = 0;
        for (byte each : body) {
            matched = each == JSON_LD[matched] ? matched + 1 : each == JSON_LD[0] ? 1 : 0;
            if (matched == JSON_LD.length) {
                return true;
            }
        }
        return false;
    }

    /** An estimate for a JSON text. */
    static long ofJson(byte[] body) {
        long bytes = (long) CHARACTERS * body.length;
        for (byte each : body) {
            if (each == ',' || each == ':' || each == '[' || each == '{') {
                bytes += JSON_VALUE;
            }
        }
        return bytes;
    }

    /** An estimate for a JSON text within a page. */
    static long ofJson(String text) {
        return 2L * text.length()
                + JSON_VALUE
                        * text.chars()
                                .filter(each -> each == ',' || each == ':' || each == '[' || each == '{')
                                .count();
    }

    private static boolean isLetter(byte each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
    }
}
