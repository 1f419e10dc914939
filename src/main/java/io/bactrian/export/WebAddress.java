package io.bactrian.export;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The addresses of websites as absolute http(s) URLs (RFC 3986). */
final class WebAddress {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:(?![0-9]+(?:[/?#]|$)).*");
    private static final Pattern HTTP =
            Pattern.compile("https?://[\\p{L}\\p{M}\\p{N}._-]+(?::[0-9]{1,5})?(?:[/?#].*)?", Pattern.CASE_INSENSITIVE);
    /** What can be a site without being said to be one. */
    private static final Pattern SITE = Pattern.compile("[^./?#\\s]+(?:\\.[^./?#\\s]+)+(?:[/?#].*)?");

    private static final String FORBIDDEN = "\"<>\\^`{|}";

    private WebAddress() {}

    /**
     * The address as a URL of no more than so many characters, or empty where there is none. One that is too long loses
     * its fragment, then its query, and then all but the site: a URL that is cut anywhere else leads nowhere.
     *
     * @param text a URL, or one without its scheme
     */
    static Optional<String> of(String text, int maxLength) {
        boolean absolute = SCHEME.matcher(text).matches();
        String url = escaped(absolute ? text : "http://" + text);
        if (!isLink(url) || !(absolute || SITE.matcher(text).matches())) {
            return Optional.empty();
        }
        String withoutFragment = before(url, '#');
        String withoutQuery = before(withoutFragment, '?');
        int path = withoutQuery.indexOf('/', withoutQuery.indexOf("//") + 2);
        return Stream.of(
                        url,
                        withoutFragment,
                        withoutQuery,
                        path < 0 ? withoutQuery : withoutQuery.substring(0, path + 1))
                .filter(shorter -> shorter.length() <= maxLength)
                .findFirst();
    }

    /** Whether the text is an absolute http(s) URL that a file can hold as it is. */
    static boolean isLink(String text) {
        if (!HTTP.matcher(text).matches()) {
            return false;
        }
        try {
            return new URI(text).getRawAuthority() != null;
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    private static String escaped(String url) {
        StringBuilder escaped = new StringBuilder(url.length());
        for (int index = 0; index < url.length(); index++) {
            char character = url.charAt(index);
            if (character <= ' ' || character == 0x7F || FORBIDDEN.indexOf(character) >= 0) {
                escaped.append(String.format(Locale.ROOT, "%%%02X", (int) character));
            } else {
                escaped.append(character);
            }
        }
        return escaped.toString();
    }

    private static String before(String text, char mark) {
        int end = text.indexOf(mark);
        return end < 0 ? text : text.substring(0, end);
    }
}
