package io.bactrian.scrape.page;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Content-Type}, as far as it decides how a page is read.
 *
 * @param kind which parser the page is for
 * @param charset the charset of the header, or null where it names none that is known
 */
public record MediaType(Kind kind, @Nullable Charset charset) {
    /** Which parser reads a media type. */
    public enum Kind {
        HTML,
        XML,
        JSON,
        OTHER
    }

    private static final MediaType UNSAID = new MediaType(Kind.HTML, null);
    private static final MediaType USUAL = new MediaType(Kind.HTML, StandardCharsets.UTF_8);

    /**
     * The media type of a page; one without a {@code Content-Type} is taken for HTML.
     *
     * @param contentType the header as it was sent, or null
     */
    public static MediaType of(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return UNSAID;
        }
        if (contentType.equals("text/html; charset=utf-8") || contentType.equals("text/html; charset=UTF-8")) {
            return USUAL;
        }
        int semicolon = contentType.indexOf(';');
        String essence = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        return new MediaType(kind(essence), semicolon < 0 ? null : charset(contentType.substring(semicolon + 1)));
    }

    private static Kind kind(String essence) {
        return switch (essence) {
            case "", "text/html", "application/xhtml+xml" -> Kind.HTML;
            case "text/xml", "application/xml" -> Kind.XML;
            case "application/json", "text/json" -> Kind.JSON;
            default -> {
                if (essence.endsWith("+xml")) {
                    yield essence.startsWith("image/") ? Kind.OTHER : Kind.XML;
                }
                yield essence.endsWith("+json") ? Kind.JSON : Kind.OTHER;
            }
        };
    }

    private static @Nullable Charset charset(String parameters) {
        for (String parameter : parameters.split(";", 20)) {
            int equals = parameter.indexOf('=');
            if (equals > 0 && parameter.substring(0, equals).strip().equalsIgnoreCase("charset")) {
                String label = parameter
                        .substring(equals + 1)
                        .replace("\"", "")
                        .replace("'", "")
                        .strip();
                return known(label);
            }
        }
        return null;
    }

    private static @Nullable Charset known(String label) {
        try {
            return label.isEmpty() ? null : Charset.forName(label);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return null;
        }
    }
}
