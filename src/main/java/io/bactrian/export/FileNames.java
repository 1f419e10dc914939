package io.bactrian.export;

import java.util.Locale;
import java.util.regex.Pattern;

/** Names for files in an archive that are safe to unpack on any system, whatever the URL. */
final class FileNames {
    private static final int LONGEST_URL_PART = 80;

    /** Enough of the URL for a name; the rest of a hostile one is not looked at. */
    private static final int LONGEST_LOOK = 500;

    private static final Pattern SCHEME = Pattern.compile("^https?:[/\\\\]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern QUERY_OR_FRAGMENT = Pattern.compile("[?#].*$", Pattern.DOTALL);
    private static final Pattern USER = Pattern.compile("^[^/\\\\]*@");
    private static final Pattern PERCENT_ENCODED = Pattern.compile("%[0-9A-Fa-f]{2}");
    private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9._]+");
    private static final Pattern DOTS = Pattern.compile("-?\\.[.-]*");
    private static final Pattern EDGES = Pattern.compile("^[.-]+|[.-]+$");

    private FileNames() {}

    /**
     * The file name for a row, such as {@code 000001-example.com-products.json}.
     *
     * <p>It begins with the position, which makes it unique and keeps it clear of the names that Windows reserves. User,
     * password, query and fragment of the URL are left out, since they may hold secrets.
     */
    static String of(int position, String url, ExportFormat format) {
        String name = urlPart(url);
        return String.format(Locale.ROOT, "%06d", position + 1L)
                + (name.isEmpty() ? "" : "-" + name)
                + "."
                + format.extension();
    }

    private static String urlPart(String url) {
        String text = SCHEME.matcher(url).replaceFirst("");
        text = QUERY_OR_FRAGMENT.matcher(text).replaceFirst("");
        text = USER.matcher(text).replaceFirst("");
        text = text.substring(0, Math.min(text.length(), LONGEST_LOOK));
        text = PERCENT_ENCODED.matcher(text).replaceAll("-");
        text = UNSAFE.matcher(text).replaceAll("-");
        text = DOTS.matcher(text).replaceAll(".");
        text = EDGES.matcher(text).replaceAll("");
        text = text.substring(0, Math.min(text.length(), LONGEST_URL_PART));
        return EDGES.matcher(text).replaceAll("");
    }
}
