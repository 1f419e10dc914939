package io.bactrian.egress;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;

/** Path and query of a URL, percent-encoded to what RFC 3986 allows. */
final class UrlPath {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final BitSet PATH = allowed("/:@!$&'()*+,;=-._~");
    // Brackets are not allowed in a query either, but a[]=1 is sent bare by every browser.
    private static final BitSet QUERY = allowed("/:@!$&'()*+,;=-._~?[]");

    private UrlPath() {}

    static String encodedPath(String path) {
        return encoded(path, PATH);
    }

    static String encodedQuery(String query) {
        return encoded(query, QUERY);
    }

    /** Removes {@code .} and {@code ..} segments (RFC 3986 section 5.2.4) from an absolute path. */
    static String withoutDotSegments(String path) {
        if (!path.contains("/.")) {
            return path;
        }
        StringBuilder clean = new StringBuilder(path.length());
        int start = 0;
        while (start < path.length()) {
            int end = path.indexOf('/', start + 1);
            String segment = end < 0 ? path.substring(start) : path.substring(start, end);
            boolean last = end < 0;
            switch (segment) {
                case "/." -> clean.append(last ? "/" : "");
                case "/.." -> {
                    clean.setLength(Math.max(0, clean.lastIndexOf("/")));
                    clean.append(last ? "/" : "");
                }
                default -> clean.append(segment);
            }
            start = last ? path.length() : end;
        }
        return clean.isEmpty() ? "/" : clean.toString();
    }

    private static String encoded(String text, BitSet allowed) {
        int index = 0;
        while (index < text.length() && isKept(text, index, allowed)) {
            index++;
        }
        if (index == text.length()) {
            return text;
        }
        StringBuilder encoded = new StringBuilder(text.length() + 16).append(text, 0, index);
        while (index < text.length()) {
            int codePoint = text.codePointAt(index);
            int length = Character.charCount(codePoint);
            if (length == 1 && isKept(text, index, allowed)) {
                encoded.append((char) codePoint);
            } else {
                for (byte octet : text.substring(index, index + length).getBytes(StandardCharsets.UTF_8)) {
                    encoded.append('%').append(HEX.toHexDigits(octet));
                }
            }
            index += length;
        }
        return encoded.toString();
    }

    private static boolean isKept(String text, int index, BitSet allowed) {
        char character = text.charAt(index);
        if (character != '%') {
            return allowed.get(character);
        }
        return index + 2 < text.length()
                && HexFormat.isHexDigit(text.charAt(index + 1))
                && HexFormat.isHexDigit(text.charAt(index + 2));
    }

    private static BitSet allowed(String punctuation) {
        BitSet set = new BitSet(128);
        set.set('a', 'z' + 1);
        set.set('A', 'Z' + 1);
        set.set('0', '9' + 1);
        punctuation.chars().forEach(set::set);
        return set;
    }
}
