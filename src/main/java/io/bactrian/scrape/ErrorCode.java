package io.bactrian.scrape;

import java.util.Locale;

/** Why a page could not be had, as the {@code error.code} of its row says it. */
public enum ErrorCode {
    /** The host name does not resolve. */
    DNS_FAILURE(false),
    /** Nothing listens at the address and port. */
    CONNECTION_REFUSED(true),
    /** The connection was closed before the whole answer had arrived. */
    CONNECTION_RESET(true),
    /** The page was not there within its {@code timeout}. */
    TIMEOUT(true),
    /** The TLS handshake or the certificate failed. */
    TLS_ERROR(false),
    /** A redirect, with {@code follow_redirects: false}; the message has the status and the location. */
    HTTP_3XX(false),
    /** The site answered with a client error; the message has the status. */
    HTTP_4XX(false),
    /** The site answered with a server error; the message has the status. */
    HTTP_5XX(false),
    /** More than ten redirects one after another. */
    TOO_MANY_REDIRECTS(false),
    /** The body is larger than the limit after decompression, or would be too large in memory once it is parsed. */
    TOO_LARGE(false),
    /** The answer has a media type that the selectors cannot read. */
    NOT_HTML(false),
    /** The address is not one that this service may connect to. */
    EGRESS_REFUSED(false),
    /** The site's robots.txt asks crawlers not to fetch this page. */
    ROBOTS_DISALLOWED(false),
    /** An action on the page failed; the message has its index. */
    ACTION_FAILED(false),
    /** What {@code wait_for_selector} names did not appear within the page's {@code timeout}. */
    SELECTOR_TIMEOUT(true),
    /** None of the configured proxies could be connected to. */
    PROXY_UNAVAILABLE(true),
    /** The page was fetched but the selectors could not be applied to it. */
    EXTRACTION_FAILED(false),
    /** The task was cancelled before this page was fetched. */
    CANCELLED(false),
    /** The service itself failed at the page, or at its task, again and again, and has abandoned it. */
    INTERNAL_ERROR(false);

    private final boolean retryable;

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether another attempt may succeed, whatever the HTTP status was; statuses are decided by {@link Outcome.Failed}. */
    public boolean retryable() {
        return retryable;
    }

    /** The code as clients read it, in lower case. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
