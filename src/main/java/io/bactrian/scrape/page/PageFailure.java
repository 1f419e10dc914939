package io.bactrian.scrape.page;

import io.bactrian.OutsideText;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.ResponseHead;
import io.bactrian.egress.RetryAfter;
import io.bactrian.scrape.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Why a page could not be had, before it is put beside the metadata of its fetch. */
public record PageFailure(
        ErrorCode code,
        String message,
        boolean retryable,
        @Nullable Duration retryAfter) {
    public PageFailure {
        message = OutsideText.clean(message, OutsideText.LINE);
    }

    /** A site cannot make a task wait for ever. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    /** A failure that may be retried where its code says so. */
    public static PageFailure of(ErrorCode code, String message) {
        return new PageFailure(code, message, code.retryable(), null);
    }

    /** The failure of a page that this node had no memory for. */
    public static PageFailure busy() {
        return of(ErrorCode.TIMEOUT, "The service was too busy with other large pages to process this one.");
    }

    /** The failure that an exchange without an answer is. */
    public static PageFailure of(EgressFailedException failure) {
        ErrorCode code = switch (failure.reason()) {
            case DNS_FAILURE -> ErrorCode.DNS_FAILURE;
            case CONNECTION_REFUSED -> ErrorCode.CONNECTION_REFUSED;
            case CONNECTION_RESET, MALFORMED_ANSWER -> ErrorCode.CONNECTION_RESET;
            case TIMEOUT -> ErrorCode.TIMEOUT;
            case TLS_ERROR -> ErrorCode.TLS_ERROR;
            case HEAD_TOO_LARGE -> ErrorCode.TOO_LARGE;
            case UNDECODABLE_BODY -> ErrorCode.EXTRACTION_FAILED;
            case PROXY_UNAVAILABLE -> ErrorCode.PROXY_UNAVAILABLE;
        };
        return of(code, String.valueOf(failure.getMessage()));
    }

    /** The failure that an unsuccessful status is. */
    public static PageFailure ofStatus(ResponseHead head, Clock clock) {
        int status = head.status();
        @Nullable Duration retryAfter = RetryAfter.parse(head.header("Retry-After"), clock, LONGEST_WAIT);
        return switch (status / 100) {
            case 3 -> of(ErrorCode.HTTP_3XX, statusLine(head) + location(head));
            case 4 -> new PageFailure(ErrorCode.HTTP_4XX, statusLine(head), isRetryable(status), retryAfter);
            case 5 -> new PageFailure(ErrorCode.HTTP_5XX, statusLine(head), isRetryable(status), retryAfter);
            default -> of(ErrorCode.CONNECTION_RESET, statusLine(head) + " is not a status of HTTP");
        };
    }

    private static boolean isRetryable(int status) {
        return switch (status) {
            case 408, 425, 429, 500, 502, 503, 504 -> true;
            default -> false;
        };
    }

    private static String statusLine(ResponseHead head) {
        @Nullable HttpStatus known = HttpStatus.resolve(head.status());
        String reason = known == null ? printable(head.reasonPhrase(), 80) : known.getReasonPhrase();
        return reason.isEmpty() ? "HTTP " + head.status() : "HTTP " + head.status() + " " + reason;
    }

    private static String location(ResponseHead head) {
        @Nullable String location = head.header("Location");
        return location == null ? "" : " to " + printable(location, 2048);
    }

    /** The beginning of a text from outside, fit for a message. */
    public static String printable(String text, int longest) {
        return OutsideText.clean(text, longest + 1).replaceAll("\\p{Cntrl}", "?");
    }
}
