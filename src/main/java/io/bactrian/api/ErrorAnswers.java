package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.BactrianException;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.Violation;
import io.bactrian.account.AdminOnlyException;
import io.bactrian.account.AuthenticationException;
import io.bactrian.account.Caller;
import io.bactrian.account.EmailAlreadyRegisteredException;
import io.bactrian.account.InvalidCredentialsException;
import io.bactrian.account.Issuer;
import io.bactrian.account.PermissionDeniedException;
import io.bactrian.account.SignInBusyException;
import io.bactrian.account.TooManySignInsException;
import io.bactrian.account.openid.OpenIdNotConfiguredException;
import io.bactrian.account.openid.OpenIdProviderException;
import io.bactrian.account.openid.SignInRefusedException;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Surface;
import io.bactrian.api.contract.UnsupportedMediaTypeException;
import io.bactrian.audit.IdempotencyKeyReusedException;
import io.bactrian.billing.BillingNotConfiguredException;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.NoSubscriptionException;
import io.bactrian.billing.PaymentProviderUnavailableException;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.UnknownPriceException;
import io.bactrian.credit.InsufficientCreditsException;
import io.bactrian.idempotency.IdempotencyConflictException;
import io.bactrian.job.JobAccessDeniedException;
import io.bactrian.job.ProviderUnavailableException;
import io.bactrian.limit.RateLimitExceededException;
import io.bactrian.ops.BrokerUnavailableException;
import io.bactrian.outage.DiskFullException;
import io.bactrian.outage.Outage;
import io.bactrian.task.AdvancedScrapingNotIncludedException;
import io.bactrian.task.BrowserUnavailableException;
import io.bactrian.task.MonitorLimitException;
import io.bactrian.task.TaskStateException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * What clients are told when something goes wrong: the one place where exceptions become HTTP.
 *
 * <p>The shape is that of the path's API; on the paths that both APIs have, that of the API which issued the credential,
 * and without a credential one that carries both.
 */
@Component
final class ErrorAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);

    /** Paths that both APIs have. */
    static final Set<String> SHARED = Set.of("/auth/me", "/billing/invoices");

    /** After so long it is worth trying again. */
    private static final Duration DATABASE_WAIT = Duration.ofSeconds(5);

    private static final Duration DISK_WAIT = Duration.ofMinutes(1);

    private static final Duration PAYMENT_WAIT = Duration.ofMinutes(1);

    /** Somebody has to change the configuration first. */
    private static final Duration OPERATOR_WAIT = Duration.ofHours(1);

    private final Contract contract;
    private final ObjectMapper json;
    private final Clock clock;

    ErrorAnswers(Contract contract, ObjectMapper json, Clock clock) {
        this.contract = contract;
        this.json = json;
        this.clock = clock;
    }

    /** An error before it takes a shape. */
    private record Problem(
            int status,
            String code,
            String message,
            List<Violation> details,
            Map<String, Object> extras,
            Map<String, String> headers) {
        Problem(int status, String code, String message) {
            this(status, code, message, List.of(), Map.of(), Map.of());
        }

        /** Something that will be possible again in a while. */
        static Problem later(int status, String code, String message, Duration wait) {
            long seconds = Math.max(1, (wait.toMillis() + 999) / 1000);
            return new Problem(
                    status,
                    code,
                    message,
                    List.of(),
                    Map.of("retryAfter", seconds),
                    Map.of("Retry-After", Long.toString(seconds)));
        }
    }

    /** Selextract's shape. */
    private record SelextractError(
            String error,
            String message,
            List<Violation> details,
            Instant timestamp,
            @JsonProperty("request_id") String requestId) {}

    Answer answer(Throwable cause, HttpServletRequest request) {
        Problem problem = problem(cause);
        if (problem.status() == 500) {
            LOG.error("Request {} failed unexpectedly", RequestId.of(request), cause);
        }
        return shaped(problem, request);
    }

    /** An error of what did not come over HTTP, in the shape of the API that it was meant for. */
    Answer answer(Throwable cause, Surface surface, String requestId) {
        Problem problem = problem(cause);
        if (problem.status() == 500) {
            LOG.error("Request {} failed unexpectedly", requestId, cause);
        }
        return surface == Surface.SELEXTRACT ? selextract(problem, requestId) : mapscraper(problem);
    }

    /** An error that the web server or Spring's dispatcher has found. */
    Answer answer(int status, String path, HttpServletRequest request) {
        return switch (status) {
            case 404 -> shaped(new Problem(404, "resource_not_found", "There is nothing at " + path), request);
            case 405 -> {
                String allow = String.join(", ", contract.allowedMethods(path));
                Answer answer = shaped(
                        new Problem(
                                405,
                                "method_not_allowed",
                                "%s is not allowed here; use %s".formatted(request.getMethod(), allow)),
                        request);
                yield new Answer(405, Map.of("Allow", allow), answer.content());
            }
            case 503 -> {
                Answer answer = shaped(
                        new Problem(
                                503,
                                "service_unavailable",
                                "The service is starting or stopping. Try again in a moment."),
                        request);
                yield new Answer(503, Map.of("Retry-After", "1"), answer.content());
            }
            case 413 -> shaped(problem(new BodyTooLargeException(RequestBodies.LIMIT)), request);
            case 501 ->
                shaped(
                        new Problem(
                                501,
                                "not_implemented",
                                "The request needs a part of HTTP that is not served here, such as CONNECT or an unknown transfer coding."),
                        request);
            case 415 ->
                shaped(new Problem(415, "unsupported_media_type", "The body must be application/json"), request);
            default ->
                shaped(
                        status < 500 || status == 505
                                ? new Problem(status, "bad_request", "The request is not valid HTTP")
                                : internal(),
                        request);
        };
    }

    void write(Answer answer, HttpServletResponse response) throws IOException {
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        if (answer.content() instanceof Answer.Json body) {
            byte[] bytes = json.writeValueAsBytes(body.value());
            response.setContentType(AnswerProcessor.JSON);
            response.setContentLength(bytes.length);
            response.getOutputStream().write(bytes);
        }
    }

    private Problem problem(Throwable cause) {
        if (!(cause instanceof BactrianException known)) {
            return Outage.of(cause) == Outage.DATABASE
                    ? Problem.later(
                            503,
                            "service_unavailable",
                            "The service's database does not answer. Try again in a few seconds.",
                            DATABASE_WAIT)
                    : internal();
        }
        String message = String.valueOf(known.getMessage());
        return switch (known) {
            case InvalidInputException e ->
                new Problem(400, "validation_error", summary(e.violations()), e.violations(), Map.of(), Map.of());
            case AuthenticationException e -> new Problem(401, "authentication_error", message);
            case InvalidCredentialsException e -> new Problem(401, "authentication_error", message);
            case InsufficientCreditsException e ->
                new Problem(
                        402,
                        "insufficient_credits",
                        message,
                        List.of(),
                        Map.of("creditsRequired", e.required(), "creditsAvailable", e.available()),
                        Map.of());
            case SignInRefusedException e -> new Problem(401, "authentication_error", message);
            case PermissionDeniedException e -> new Problem(403, "authorization_error", message);
            case AdminOnlyException e -> new Problem(403, "authorization_error", message);
            case CsrfException e -> new Problem(403, "authorization_error", message);
            case AdvancedScrapingNotIncludedException e -> new Problem(403, "authorization_error", message);
            case MonitorLimitException e -> new Problem(403, "authorization_error", message);
            case JobAccessDeniedException e -> new Problem(403, "authorization_error", message);
            case NotFoundException e -> new Problem(404, "resource_not_found", message);
            case IdempotencyConflictException e -> new Problem(409, "idempotency_conflict", message);
            case IdempotencyKeyReusedException e -> new Problem(409, "idempotency_conflict", message);
            case BodyTooLargeException e -> new Problem(413, "payload_too_large", message);
            case UnsupportedMediaTypeException e -> new Problem(415, "unsupported_media_type", message);
            case UnsupportedContentException e -> new Problem(415, "unsupported_media_type", message);
            case TooManySignInsException e -> Problem.later(429, "rate_limit_exceeded", message, e.waitingTime());
            case BodiesBusyException e -> Problem.later(503, "service_unavailable", message, Duration.ofSeconds(2));
            case TooManyDownloadsException e ->
                Problem.later(429, "rate_limit_exceeded", message, Duration.ofSeconds(10));
            case SignInBusyException e -> Problem.later(503, "service_unavailable", message, Duration.ofSeconds(2));
            case RateLimitExceededException e ->
                Problem.later(429, "rate_limit_exceeded", message, Duration.ofSeconds(e.retryAfterSeconds()));
            case EmailAlreadyRegisteredException e -> new Problem(400, "validation_error", message);
            case BrowserUnavailableException e -> new Problem(503, "service_unavailable", message);
            case ProviderUnavailableException e -> new Problem(503, "service_unavailable", message);
            case BrokerUnavailableException e -> new Problem(503, "service_unavailable", message);
            case DiskFullException e -> Problem.later(503, "service_unavailable", message, DISK_WAIT);
            case PaymentProviderUnavailableException e ->
                Problem.later(503, "service_unavailable", message, PAYMENT_WAIT);
            case BillingNotConfiguredException e -> Problem.later(503, "service_unavailable", message, OPERATOR_WAIT);
            case UnknownPriceException e ->
                Problem.later(
                        503,
                        "service_unavailable",
                        "What you pay for is not configured here any more. Ask the operator.",
                        OPERATOR_WAIT);
            case PaymentRefusedException e ->
                e.payment()
                        ? new Problem(402, "payment_refused", message)
                        : new Problem(400, "validation_error", message);
            case InvalidEventException e -> new Problem(400, "validation_error", message);
            case NoSubscriptionException e -> new Problem(404, "resource_not_found", message);
            case TaskStateException e -> new Problem(400, "validation_error", message);
            case OpenIdProviderException e -> new Problem(502, "oauth_provider_error", message);
            case OpenIdNotConfiguredException e -> new Problem(503, "oauth_not_configured", message);
            default -> internal();
        };
    }

    private static Problem internal() {
        return new Problem(
                500,
                "internal_server_error",
                "Something failed on our side. Try again, and give the request id to support if it fails again.");
    }

    private static String summary(List<Violation> violations) {
        Violation first = violations.getFirst();
        String sentence = first.field().isEmpty() ? first.message() : first.field() + " " + first.message();
        return violations.size() == 1
                ? sentence
                : "%s (and %d more, see details)".formatted(sentence, violations.size() - 1);
    }

    private Answer shaped(Problem problem, HttpServletRequest request) {
        // A request line that could not be read has no path.
        String path = String.valueOf(request.getRequestURI());
        if (SHARED.contains(path)) {
            Object caller = request.getAttribute(Caller.class.getName());
            if (caller instanceof Caller known) {
                return known.issuer() == Issuer.SELEXTRACT
                        ? selextract(problem, RequestId.of(request))
                        : mapscraper(problem);
            }
            return selextract(
                    problem.status() == 401 ? new Problem(401, "Authentication required", problem.message()) : problem,
                    RequestId.of(request));
        }
        return contract.surfaceOf(path) == Surface.SELEXTRACT
                ? selextract(problem, RequestId.of(request))
                : mapscraper(problem);
    }

    private Answer selextract(Problem problem, String requestId) {
        return new Answer(
                problem.status(),
                problem.headers(),
                new Answer.Json(new SelextractError(
                        problem.code(),
                        problem.message(),
                        problem.details(),
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        requestId)));
    }

    private static String mapscraperMessage(Problem problem) {
        if (problem.code().equals("insufficient_credits")) {
            return "Insufficient credits";
        }
        return problem.details().isEmpty()
                ? problem.message()
                : problem.details().getFirst().sentence();
    }

    private static Answer mapscraper(Problem problem) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", mapscraperMessage(problem));
        body.putAll(problem.extras());
        return new Answer(problem.status(), problem.headers(), new Answer.Json(body));
    }
}
