package io.bactrian.scrape.page;

import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.select.PageSource;
import io.bactrian.scrape.select.SelectorPlan;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The head of an answer for a page, as far as it decides what becomes of the page.
 *
 * @param plan the selectors that are to be applied to the page
 * @param maxBodySize the largest body that is read, in bytes
 */
public record PageAnswer(ResponseHead head, SelectorPlan plan, int maxBodySize) {
    /** How many redirects are followed one after another. */
    public static final int MOST_REDIRECTS = 10;

    /** Which parser reads the page, and the charset of the header. */
    public MediaType mediaType() {
        return MediaType.of(head.header("Content-Type"));
    }

    /** Where the site sends the client, or null where it is no redirect. */
    public @Nullable String redirection() {
        @Nullable String location = head.header("Location");
        return location == null || !isRedirect() ? null : asUtf8(location);
    }

    /** Why the page cannot be had, as far as the head tells: its status, its media type or its announced length; else null. */
    public @Nullable PageFailure failure(Clock clock) {
        if (!isSuccess()) {
            return PageFailure.ofStatus(head, clock);
        }
        if (!isReadable()) {
            return unreadable(head.header("Content-Type"));
        }
        return announcesTooMuch() ? tooLarge(maxBodySize) : null;
    }

    /** The failure of a page whose body is larger than the limit. */
    public static PageFailure tooLarge(int maxBodySize) {
        return PageFailure.of(
                ErrorCode.TOO_LARGE, "The page is larger than " + maxBodySize + " bytes after decompression.");
    }

    /** The failure of a page that was redirected once too often. */
    public static PageFailure tooManyRedirects() {
        return PageFailure.of(
                ErrorCode.TOO_MANY_REDIRECTS, "The site redirected more than " + MOST_REDIRECTS + " times.");
    }

    /** Whether the body is worth reading. */
    public boolean isWanted() {
        return isSuccess() && isReadable() && !announcesTooMuch();
    }

    /** The failure of a page of a type that its selectors cannot read. */
    public static PageFailure unreadable(@Nullable String contentType) {
        return PageFailure.of(
                ErrorCode.NOT_HTML,
                "The page is " + PageFailure.printable(String.valueOf(contentType), 100)
                        + ", which the selectors cannot read.");
    }

    /** The page with its body, for the selectors. */
    public PageSource source(byte[] body, String baseUri) {
        return source(mediaType(), body, baseUri);
    }

    /** A body of that type, for the selectors. */
    public static PageSource source(MediaType type, byte[] body, String baseUri) {
        return switch (type.kind()) {
            case HTML, OTHER -> PageSource.html(body, type.charset(), baseUri);
            case XML -> PageSource.xml(body, type.charset(), baseUri);
            case JSON -> PageSource.json(body, type.charset(), baseUri);
        };
    }

    private boolean isSuccess() {
        return head.status() >= 200 && head.status() < 300;
    }

    private boolean isRedirect() {
        return switch (head.status()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    private boolean isReadable() {
        return isReadable(mediaType(), plan);
    }

    /** Whether a plan has selectors that read pages of that type. */
    public static boolean isReadable(MediaType type, SelectorPlan plan) {
        return switch (type.kind()) {
            case HTML, XML -> plan.readsMarkup();
            case JSON -> plan.readsJson();
            case OTHER -> false;
        };
    }

    private boolean announcesTooMuch() {
        @Nullable String length = head.header("Content-Length");
        try {
            return length != null && Long.parseLong(length.strip()) > maxBodySize;
        } catch (NumberFormatException meaningless) {
            return false;
        }
    }

    /** Header values arrive as Latin-1; sites that put other letters into a {@code Location} mean UTF-8. */
    private static String asUtf8(String location) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(location.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException latin1) {
            return location;
        }
    }
}
