package io.bactrian.api;

import io.bactrian.account.Caller;
import io.bactrian.account.Issuer;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.limit.RateLimitClass;
import io.bactrian.limit.RateLimitExceededException;
import io.bactrian.limit.RateLimitVerdict;
import io.bactrian.limit.RateLimits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts calls by who makes them, and tells in headers how many may follow.
 *
 * <p>A limiter that cannot count lets nothing pass: the call fails as it would if its caller could not be found out.
 */
@Component
final class CallLimits {
    static final String LIMIT = "X-RateLimit-Limit";

    private final RateLimits limits;
    private final ClientAddress address;
    private final Contract contract;
    private final ErrorAnswers errors;

    CallLimits(RateLimits limits, ClientAddress address, Contract contract, ErrorAnswers errors) {
        this.limits = limits;
        this.address = address;
        this.contract = contract;
        this.errors = errors;
    }

    /**
     * Counts a call whose caller is known.
     *
     * @throws RateLimitExceededException if the account or the key has no more calls left
     */
    void count(Caller caller, Operation operation, HttpServletResponse response) {
        if (!limits.enabled()) {
            return;
        }
        RateLimitClass name = ErrorAnswers.SHARED.contains(operation.path()) && caller.issuer() == Issuer.MAPSCRAPER
                ? RateLimitClass.MAPSCRAPER
                : operation.rateLimit();
        String plan = name == RateLimitClass.MAPSCRAPER ? caller.mapscraperPlan() : caller.selextractPlan();
        admit(limits.ofAccount(name, caller.accountId(), key(caller), plan), response);
    }

    private static @Nullable String key(Caller caller) {
        return switch (caller.credential()) {
            case API_KEY -> "sk-" + caller.keyId();
            case MAP_KEY -> "msk-" + caller.mapKeyId();
            case TOKEN, SESSION -> null;
        };
    }

    /**
     * Counts a call that nobody is known to make.
     *
     * @throws RateLimitExceededException if the client's address has no more calls left
     */
    void countAnonymous(RateLimitClass name, HttpServletRequest request, HttpServletResponse response) {
        if (limits.enabled()) {
            admit(limits.ofAddress(name, address.networkOf(request)), response);
        }
    }

    /** Counts a call that is refused before it reaches an operation; gives the refusal, or what is answered instead. */
    Answer countRefused(Answer refusal, String path, HttpServletRequest request, HttpServletResponse response) {
        if (response.containsHeader(LIMIT)) {
            return refusal;
        }
        try {
            countAnonymous(contract.surfaceOf(path).rateLimit(), request, response);
            return refusal;
        } catch (RuntimeException exceededOrFailed) {
            return errors.answer(exceededOrFailed, request);
        }
    }

    /** On the servlet's response, where no step of a route forgets them. */
    private static void admit(RateLimitVerdict verdict, HttpServletResponse response) {
        response.setHeader(LIMIT, Long.toString(verdict.limit()));
        response.setHeader("X-RateLimit-Remaining", Long.toString(verdict.remaining()));
        response.setHeader("X-RateLimit-Reset", Long.toString(wholeSecond(verdict.full())));
        if (!verdict.admitted()) {
            throw new RateLimitExceededException(verdict.retryAfter());
        }
    }

    /** The first Unix second in which a time has come. */
    private static long wholeSecond(Instant time) {
        return time.plusNanos(999_999_999).getEpochSecond();
    }
}
