package io.bactrian.places.openstreetmap;

import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.HostTurns;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.VisitOutcome;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostPace;
import io.bactrian.scrape.polite.UserAgent;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request to one of OpenStreetMap's APIs, as the usage policies of the public ones want it: one a second and one at a time
 * over all nodes and tenants, whatever the configuration opens; with a User-Agent that names us; and silence where it is asked
 * for. A server of the operator's own is asked at the pace that the operator sets.
 */
final class PublicApi {
    /** Makes an outcome of the body of a successful answer. */
    @FunctionalInterface
    interface Answer {
        /**
         * Reads the body.
         *
         * @throws IOException if it is not what the API promises
         */
        VisitOutcome read(byte[] body) throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(PublicApi.class);
    private static final double REQUESTS_PER_SECOND = 1;
    private static final int AT_ONCE = 1;

    /** Whose policies those are, with their mirrors, which are subdomains. */
    private static final List<String> PUBLIC = List.of("openstreetmap.org", "overpass-api.de");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** How long an API that is too busy is left alone where it does not say. */
    private static final Duration BUSY = Duration.ofSeconds(15);

    private static final Duration LONGEST_HOLD = Duration.ofMinutes(10);

    private final PlacesProperties.Openstreetmap settings;
    private final EgressClient client;
    private final HostClock hosts;
    private final UserAgent userAgent;
    private final Clock clock;

    PublicApi(
            PlacesProperties.Openstreetmap settings,
            EgressClient client,
            HostClock hosts,
            UserAgent userAgent,
            Clock clock) {
        this.settings = settings;
        this.client = client;
        this.hosts = hosts;
        this.userAgent = userAgent;
        this.clock = clock;
    }

    /**
     * Sends a request when it is its turn.
     *
     * @param name of the API, for messages
     * @param booked whether the request comes on its slot
     * @param largest the largest body that is read, in bytes
     */
    VisitOutcome ask(
            String name, HttpUrl url, EgressRequest.Builder request, boolean booked, int largest, Answer answer) {
        HostPace ofHost = Objects.requireNonNull(hosts.paceOf(url.toString(), false));
        HostPace pace = isPublic(url)
                ? ofHost.atMost(REQUESTS_PER_SECOND, AT_ONCE)
                : ofHost.ofOwnServer(settings.ownRequestsPerSecond(), settings.ownRequestsAtOnce());
        return HostTurns.inTurn(hosts, pace, booked, TIMEOUT, () -> exchange(name, pace, request, largest, answer));
    }

    static boolean isPublic(HttpUrl url) {
        return PUBLIC.stream().anyMatch(host -> ("." + url.host()).endsWith("." + host));
    }

    private VisitOutcome exchange(
            String name, HostPace pace, EgressRequest.Builder request, int largest, Answer answer) {
        int limit = Math.min(largest, client.maxBodySize());
        try {
            EgressResponse response = client.execute(request.header("User-Agent", userAgent.value())
                    .header("Accept", "application/json")
                    .header("Accept-Encoding", "gzip")
                    .timeout(TIMEOUT)
                    .bodyLimit(head -> head.status() == 200 ? limit : 0)
                    .build());
            if (response.status() != 200) {
                return refusal(name, pace, response);
            }
            return response.isTruncated()
                    ? failed(ErrorCode.TOO_LARGE, name + "'s answer is larger than " + limit + " bytes.", false)
                    : answer.read(response.body());
        } catch (EgressRefusedException refused) {
            return failed(ErrorCode.EGRESS_REFUSED, name + " may not be asked: " + refused.getMessage(), false);
        } catch (EgressFailedException failure) {
            PageFailure why = PageFailure.of(failure);
            return failed(why.code(), name + " could not be asked: " + why.message(), why.retryable());
        } catch (IOException malformed) {
            LOG.warn("{} answered with something that cannot be read: {}", name, malformed.getMessage());
            return failed(ErrorCode.EXTRACTION_FAILED, name + " answered with something that cannot be read.", true);
        } catch (RuntimeException | StackOverflowError defect) {
            LOG.error("An answer of {} could not be processed", name, defect);
            return failed(ErrorCode.EXTRACTION_FAILED, name + "'s answer could not be processed.", false);
        }
    }

    private VisitOutcome refusal(String name, HostPace pace, EgressResponse response) {
        int status = response.status();
        PageFailure why = PageFailure.ofStatus(response.head(), clock);
        if (status == 403) {
            return new VisitOutcome.Blocked(name + " does not serve this service: " + why.message()
                    + ". Its operator has to find out why, or use a server of its own.");
        }
        @Nullable Duration retryAfter = why.retryAfter();
        if (status == 429 || status == 503 || status == 504) {
            Duration hold = retryAfter == null ? BUSY : retryAfter;
            hosts.hold(pace, clock.instant().plus(hold.compareTo(LONGEST_HOLD) < 0 ? hold : LONGEST_HOLD));
            retryAfter = hold;
        }
        return new VisitOutcome.Failed(
                why.code().code(), name + " answered: " + why.message() + ".", why.retryable(), retryAfter);
    }

    private static VisitOutcome failed(ErrorCode code, String message, boolean retryable) {
        return new VisitOutcome.Failed(code.code(), message, retryable, null);
    }
}
