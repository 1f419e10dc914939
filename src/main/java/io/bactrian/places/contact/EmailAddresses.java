package io.bactrian.places.contact;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Collects e-mail addresses, in lower case, each once, ten at most: those that may be somebody's, not examples, names of
 * pictures or identifiers of services. Finding them takes a time proportional to the text.
 */
final class EmailAddresses {
    private static final int MOST = 10;
    private static final int LONGEST_LOCAL_PART = 64;
    private static final int LONGEST_DOMAIN = 253;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_ENCODED = 2_000;

    /** What people write so that programs don't read it; in brackets, for {@code at} alone is a word. */
    private static final Pattern AT = Pattern.compile(
            "\\s?[\\[({<]\\s?(?:at|ät|@|arroba|chiocciola|arobase)\\s?[\\])}>]\\s?",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private static final Pattern DOT = Pattern.compile(
            "\\s?[\\[({<]\\s?(?:dot|punkt|punto|point|ponto|\\.)\\s?[\\])}>]\\s?", Pattern.CASE_INSENSITIVE);
    private static final Pattern TOP_LEVEL = Pattern.compile("[a-z]{2,24}|xn--[a-z0-9-]{1,59}");
    private static final Pattern IDENTIFIER = Pattern.compile("[0-9a-f]{20,}");

    /** Endings of file names that look like top-level domains, as in {@code logo@2x.png}. */
    private static final Set<String> FILES = Set.of(
            "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "tif", "tiff", "css", "js", "mjs", "json",
            "map", "pdf", "html", "htm", "php", "webm", "woff", "ttf", "xml", "txt");

    private static final Set<String> RESERVED = Set.of("example", "test", "invalid", "localhost", "local");
    private static final Set<String> PLACEHOLDERS = Set.of(
            "example.com",
            "example.org",
            "example.net",
            "domain.com",
            "domain.tld",
            "yourdomain.com",
            "mydomain.com",
            "yoursite.com",
            "mysite.com",
            "website.com",
            "yourwebsite.com",
            "yourcompany.com",
            "company.com",
            "email.com",
            "address.com",
            "sentry.io",
            "wixpress.com",
            "sentry-cdn.com");

    private final Set<String> found = new LinkedHashSet<>();

    List<String> found() {
        return new ArrayList<>(found);
    }

    /** Adds those of what follows {@code mailto:}: percent-encoded addresses with commas, and perhaps header fields. */
    void addEncoded(String addresses) {
        int fields = addresses.indexOf('?');
        String list = fields < 0 ? addresses : addresses.substring(0, fields);
        if (list.length() <= LONGEST_ENCODED) {
            addFrom(decoded(list));
        }
    }

    /** Adds an address as Cloudflare obfuscates it: hexadecimal octets, each of which the first one was XORed with. */
    void addProtected(String code) {
        if (code.length() < 4 || code.length() > LONGEST_ENCODED || code.length() % 2 != 0) {
            return;
        }
        byte[] octets;
        try {
            octets = HexFormat.of().parseHex(code);
        } catch (IllegalArgumentException none) {
            return;
        }
        byte[] address = new byte[octets.length - 1];
        for (int i = 0; i < address.length; i++) {
            address[i] = (byte) (octets[i + 1] ^ octets[0]);
        }
        addFrom(new String(address, StandardCharsets.UTF_8));
    }

    /** Adds those that stand in a text. */
    void addFrom(String text) {
        String plain = AT.matcher(text).find()
                ? DOT.matcher(AT.matcher(text).replaceAll("@")).replaceAll(".")
                : text;
        int at = plain.indexOf('@');
        while (at >= 0 && found.size() < MOST) {
            addAround(plain, at);
            at = plain.indexOf('@', at + 1);
        }
    }

    private void addAround(String text, int at) {
        int start = at;
        while (start > 0 && isLocal(text.charAt(start - 1))) {
            start--;
        }
        int end = endOfDomain(text, at + 1);
        boolean cut = start > 0 && (Character.isLetterOrDigit(text.charAt(start - 1)) || text.charAt(start - 1) == '@');
        if (cut || (end < text.length() && text.charAt(end) == '@')) {
            return;
        }
        while (start < at && isMark(text.charAt(start))) {
            start++;
        }
        while (end > at + 1 && isMark(text.charAt(end - 1))) {
            end--;
        }
        String local = text.substring(start, at).toLowerCase(Locale.ROOT);
        String domain = text.substring(at + 1, end).toLowerCase(Locale.ROOT);
        if (isLocalPart(local) && isDomainName(domain) && !isPlaceholder(local, domain)) {
            found.add(local + "@" + domain);
        }
    }

    /** A capital after a small letter of the last label is the next word: markup without a space has glued it on. */
    private static int endOfDomain(String text, int start) {
        boolean dotted = false;
        int end = start;
        while (end < text.length() && isDomain(text.charAt(end))) {
            char character = text.charAt(end);
            if (dotted && Character.isUpperCase(character) && Character.isLowerCase(text.charAt(end - 1))) {
                return end;
            }
            dotted |= character == '.';
            end++;
        }
        return end;
    }

    private static boolean isLocalPart(String local) {
        return !local.isEmpty()
                && local.length() <= LONGEST_LOCAL_PART
                && !local.contains("..")
                && !local.endsWith(".");
    }

    private static boolean isDomainName(String domain) {
        if (domain.length() > LONGEST_DOMAIN) {
            return false;
        }
        String[] labels = domain.split("\\.", -1);
        for (String label : labels) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL || label.startsWith("-") || label.endsWith("-")) {
                return false;
            }
        }
        String last = labels[labels.length - 1];
        return labels.length > 1
                && TOP_LEVEL.matcher(last).matches()
                && !FILES.contains(last)
                && !RESERVED.contains(last);
    }

    private static boolean isPlaceholder(String local, String domain) {
        if (IDENTIFIER.matcher(local).matches()) {
            return true;
        }
        for (int dot = -1; dot < domain.length(); ) {
            if (PLACEHOLDERS.contains(domain.substring(dot + 1))) {
                return true;
            }
            int next = domain.indexOf('.', dot + 1);
            dot = next < 0 ? domain.length() : next;
        }
        return false;
    }

    /** What may stand before or behind an address and is allowed within it. */
    private static boolean isMark(char character) {
        return character == '.' || character == '-' || character == '+' || character == '%';
    }

    private static boolean isLocal(char character) {
        return isDomain(character) || character == '_' || character == '%' || character == '+';
    }

    private static boolean isDomain(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || character == '.'
                || character == '-';
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }
}
