package io.bactrian.job;

import static io.bactrian.job.JobRoom.CREDITS;
import static io.bactrian.job.JobRoom.FIRST;
import static io.bactrian.job.JobRoom.found;
import static io.bactrian.job.JobRoom.leadsTo;
import static io.bactrian.job.JobRoom.place;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.task.Shutdown;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What becomes of the visits of a search, whatever is delivered twice, fails, or comes too late. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobLanesTest {
    private static final VisitOutcome TIMEOUT =
            new VisitOutcome.Failed("timeout", "The page was not there.", true, null);
    private static final VisitOutcome NO_PLACE =
            new VisitOutcome.Failed("extraction_failed", "The page is not a place.", false, null);

    private final JobRoom room = new JobRoom();
    private UUID account = room.account();

    @AfterAll
    void close() {
        room.close();
    }

    @BeforeEach
    void anotherAccount() {
        room.tokens();
        account = room.account();
    }

    private long search(int maxResults) throws JsonProcessingException {
        return search(maxResults, "");
    }

    private long search(int maxResults, String more) throws JsonProcessingException {
        return room.running(
                account,
                "{\"searchTerms\": \"café\", \"location\": \"Here\", \"maxResults\": %d%s}"
                        .formatted(maxResults, more));
    }

    /** Takes the one token that is on its way. */
    private JobStep takeOnly() throws JsonProcessingException {
        List<String> tokens = room.tokens();
        assertThat(tokens).hasSize(1);
        return requireNonNull(room.take(tokens.getFirst()));
    }

    private JobStep store(JobStep step, VisitOutcome outcome) {
        return requireNonNull(room.store(step, outcome));
    }

    private void end(JobStep last, VisitOutcome outcome) throws JsonProcessingException {
        assertThat(room.store(last, outcome)).isNull();
        end();
    }

    private void end() throws JsonProcessingException {
        for (List<String> tokens = room.tokens(); !tokens.isEmpty(); tokens = room.tokens()) {
            for (String token : tokens) {
                assertThat(room.take(token)).isNull();
            }
        }
        room.end();
    }

    private static Visit[] places(int number) {
        return IntStream.range(0, number).mapToObj(id -> place("p" + id)).toArray(Visit[]::new);
    }

    @Test
    void aSearchGoesFromItsResultsToTheirPlacesAndPaysForWhatItFound() throws JsonProcessingException {
        long number = search(10);
        JobStep results = takeOnly();
        assertThat(results.visit()).isEqualTo(FIRST);

        JobStep first = store(results, leadsTo(place("a"), place("b")));
        assertThat(first.visit()).isEqualTo(place("a"));
        JobStep second = store(first, found(room.cafe("a")));
        end(second, found(room.cafe("b")));

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(job.resultCount()).isEqualTo(2);
        assertThat(job.creditsUsed()).isEqualTo(2);
        assertThat(room.balance(account).available()).isEqualTo(CREDITS - 2);
        assertThat(room.balance(account).reserved()).isZero();
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void aVisitThatFailsWhileTheProcessStopsIsLeftForTheNextOne() throws JsonProcessingException {
        search(10);
        JobStep step = takeOnly();
        Shutdown shutdown = room.get(Shutdown.class);
        shutdown.stop();
        try {
            assertThat(room.store(step, TIMEOUT)).isNull();
        } finally {
            shutdown.start();
        }

        JobStep again = takeOnly();
        assertThat(again.visit()).isEqualTo(FIRST);
        assertThat(again.request().attempt()).isOne();
        end(again, found(room.cafe("a")));
    }

    @Test
    void aPlaceThatIsFoundTwiceIsListedOnce() throws JsonProcessingException {
        long number = search(10);
        JobStep first = store(takeOnly(), leadsTo(place("a"), place("b"), place("a")));
        end(store(first, found(room.cafe("a"))), found(room.cafe("a"), room.cafe("a")));

        assertThat(room.job(account, number).resultCount()).isEqualTo(1);
        assertThat(room.get(JobPlaces.class).page(number, 0, 10)).hasSize(1);
    }

    @Test
    void onlyPlacesThatPassTheFiltersCount() throws JsonProcessingException {
        long number = search(10, ", \"minRating\": 4.0, \"categories\": [\"CAFÉ\", \"bakery\"]");
        end(
                takeOnly(),
                found(
                        room.place("good", 4.0, "Café", null),
                        room.place("poor", 3.9, "Café", null),
                        room.place("unrated", null, "Café", null),
                        room.place("other", 5.0, "Bank", null),
                        room.place("none", 5.0, null, null)));

        assertThat(room.job(account, number).resultCount()).isEqualTo(1);
    }

    @Test
    void aSearchEndsWhenItHasAllItsPlacesWhateverElseItKnows() throws JsonProcessingException {
        long number = search(2);
        JobStep first = store(takeOnly(), leadsTo(places(5)));
        JobStep second = store(first, found(room.cafe("p0")));
        end(second, found(room.cafe("p1"), room.cafe("p2")));

        assertThat(room.job(account, number).status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(room.job(account, number).resultCount()).isEqualTo(2);
        assertThat(room.ledgerDifferences()).isEmpty();
    }

    @Test
    void furtherResultsAreLookedThroughOnlyWhenTheKnownPlacesWouldNotDo() throws JsonProcessingException {
        search(3);
        Visit further = new Visit(Visit.Kind.SEARCH, "quarter", "north");
        JobStep one = store(takeOnly(), leadsTo(place("a"), place("b"), place("c"), further));
        String token = room.tokens().getFirst();
        JobStep other = requireNonNull(room.take(token));

        assertThat(one.visit()).isEqualTo(place("a"));
        assertThat(other.visit()).isEqualTo(place("b"));
        assertThat(store(one, found(room.place("a", 4.0, "Café", null))).visit())
                .isEqualTo(place("c"));
        assertThat(store(other, NO_PLACE).visit()).isEqualTo(further);
    }

    @Test
    void noMorePlacesAreVisitedAtOnceThanAreWanted() throws JsonProcessingException {
        search(1);
        store(takeOnly(), leadsTo(places(5)));

        assertThat(room.tokens()).isEmpty();
    }

    @Test
    void aStepThatWasDeliveredTwiceIsStoredOnce() throws JsonProcessingException {
        long number = search(10);
        String token = room.tokens().getFirst();
        JobStep once = requireNonNull(room.take(token));
        JobStep again = requireNonNull(room.take(token));
        assertThat(again.visitId()).isEqualTo(once.visitId());

        store(once, leadsTo(place("a"), place("b")));

        assertThat(room.store(again, found(room.cafe("twice")))).isNull();
        assertThat(room.job(account, number).resultCount()).isZero();
    }

    @Test
    void aLaneWhoseProcessDiedFindsTheVisitThatItHadTaken() throws JsonProcessingException {
        search(10);
        String token = room.tokens().getFirst();
        JobStep place = store(requireNonNull(room.take(token)), leadsTo(place("a")));

        assertThat(requireNonNull(room.take(token)).visit()).isEqualTo(place.visit());
    }

    @Test
    void aStepOfACancelledJobStoresNothing() throws JsonProcessingException {
        long number = search(10);
        JobStep first = store(takeOnly(), leadsTo(place("a"), place("b")));
        JobStep second = store(first, found(room.cafe("a")));

        assertThat(room.get(Jobs.class).cancelOrDelete(account, number)).isTrue();

        assertThat(room.store(second, found(room.cafe("b")))).isNull();
        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(job.creditsUsed()).isEqualTo(1);
        assertThat(room.balance(account).available()).isEqualTo(CREDITS - 1);
        assertThat(room.get(Jobs.class).cancelOrDelete(account, number)).isFalse();
        assertThat(room.get(JobPlaces.class).page(number, 0, 10)).isEmpty();
    }

    @Test
    void whatFailsForAPassingReasonIsTriedAgainLaterAndNotForEver() throws JsonProcessingException {
        long number = search(10);
        JobStep step = takeOnly();
        for (int attempt = 1; attempt <= 2; attempt++) {
            assertThat(step.request().attempt()).isEqualTo(attempt);
            assertThat(room.store(step, TIMEOUT)).isNull();
            assertThat(room.deliveryOfToken()).isAfter(room.clock().instant());
            room.clock().advance(Duration.ofMinutes(1));
            step = takeOnly();
        }
        end(step, TIMEOUT);

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.FAILED);
        assertThat(job.error()).isEqualTo("The search failed: The page was not there.");
        assertThat(job.creditsUsed()).isZero();
        assertThat(room.balance(account).available()).isEqualTo(CREDITS);
    }

    @Test
    void aVisitUnderWhichTheBrowserDiesThreeTimesHasFailedHoweverOftenItWasDelivered() throws JsonProcessingException {
        long number = search(10);
        JobStep step = takeOnly();
        for (int death = 1; death < 3; death++) {
            assertThat(room.store(step, new VisitOutcome.BrowserDied())).isNull();
            room.clock().advance(Duration.ofMinutes(1));
            step = takeOnly();
            assertThat(step.request().attempt()).as("a death is no attempt").isOne();
        }
        end(step, new VisitOutcome.BrowserDied());

        assertThat(room.job(account, number).error())
                .isEqualTo("The search failed: The browser has died under the page 3 times.");
    }

    @Test
    void aTokenThatComesTooEarlyComesBackWhenTheBrokersClockSaysSo() throws JsonProcessingException {
        search(10);
        JobStep step = takeOnly();
        room.store(step, TIMEOUT);
        Instant due = room.deliveryOfToken();
        Duration ahead = Duration.ofMillis(400);
        room.clock().advance(Duration.between(room.clock().instant(), due.minus(ahead)));

        assertThat(room.take(room.tokens().getFirst())).isNull();

        assertThat(room.deliveryOfToken()).isEqualTo(due.plus(ahead));
    }

    @Test
    void aVisitWhoseTurnHasNotComeKeepsItsLane() throws JsonProcessingException {
        search(10);
        JobStep step = takeOnly();
        Instant slot = room.clock().instant().plusSeconds(3);

        assertThat(room.store(step, new VisitOutcome.Later(slot, true))).isNull();

        assertThat(room.deliveryOfToken()).isEqualTo(slot);
        room.clock().advance(Duration.ofSeconds(3));
        JobStep again = takeOnly();
        assertThat(again.visitId()).isEqualTo(step.visitId());
        assertThat(again.request().booked()).isTrue();
        assertThat(again.request().attempt()).isEqualTo(1);
    }

    @Test
    void aSearchThatTheProviderRefusesFailsAndCostsNothing() throws JsonProcessingException {
        long number = search(10);
        end(takeOnly(), new VisitOutcome.Blocked("The map asks for a captcha."));

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.FAILED);
        assertThat(job.error()).isEqualTo("The map asks for a captcha.");
        assertThat(room.balance(account).available()).isEqualTo(CREDITS);
    }

    @Test
    void whatWasFoundBeforeTheProviderRefusedIsKeptWithAWarning() throws JsonProcessingException {
        long number = search(10);
        JobStep first = store(takeOnly(), leadsTo(places(5)));
        JobStep second = store(first, found(room.cafe("p0")));
        end(second, new VisitOutcome.Blocked("The map asks for a captcha."));

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(job.error()).isNull();
        assertThat(job.warning()).isEqualTo("The map asks for a captcha.");
        assertThat(job.creditsUsed()).isEqualTo(1);
    }

    @Test
    void aSearchLooksAtNoMoreThanItMayAndSaysSo() throws JsonProcessingException {
        long number = search(10);
        JobStep step = store(takeOnly(), leadsTo(places(500)));
        int visits = 1;
        for (JobStep next = step; next != null; next = room.store(next, found())) {
            visits++;
        }
        end();

        Job job = room.job(account, number);
        assertThat(visits).isEqualTo(200);
        assertThat(job.status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(job.warning()).contains("more to look at than a search may");
    }

    @Test
    void aSearchWithoutHitsIsCompletedWithoutAPlace() throws JsonProcessingException {
        long number = search(10);
        end(takeOnly(), leadsTo());

        assertThat(room.job(account, number).status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(room.balance(account).available()).isEqualTo(CREDITS);
    }

    @Test
    void theEndOfAJobIsPublishedForThoseWhoListen() throws JsonProcessingException {
        long number = search(10);
        end(takeOnly(), found(room.cafe("a")));

        assertThat(room.messages("TASKS_EVENTS"))
                .filteredOn(event -> event.contains("job_" + number))
                .singleElement()
                .asString()
                .startsWith("{\"type\":\"job.completed\",\"timestamp\":\"2026-")
                .endsWith(
                        "\"data\":{\"jobId\":\"job_%d\",\"userId\":null,\"resultCount\":1,\"creditsUsed\":1,\"params\":{\"searchTerms\":\"café\",\"location\":\"Here\",\"maxResults\":10}}}"
                                .formatted(number));
    }

    @Test
    void aSearchWhosePlacesAllFailFails() throws JsonProcessingException {
        long number = search(10);
        JobStep first = store(takeOnly(), leadsTo(places(2)));
        end(store(first, NO_PLACE), NO_PLACE);

        Job job = room.job(account, number);
        assertThat(job.status()).isEqualTo(JobStatus.FAILED);
        assertThat(job.error())
                .isEqualTo("No place was found, and 2 pages could not be had. The first one: The page is not a place.");
    }

    @Test
    void websitesAreReadOnceTheirPlacesAreFoundAndEndTheJobLast() throws JsonProcessingException {
        long number = search(10, ", \"enrich\": [\"emails\"]");
        JobStep results = takeOnly();
        assertThat(room.store(results, found(room.place("a", 4.0, "Café", "http://a.example/"), room.cafe("b"))))
                .isNull();
        JobStep website = takeOnly();
        assertThat(website.visit().target()).isEqualTo("http://a.example/");
        room.end();
        assertThat(room.job(account, number).status()).isEqualTo(JobStatus.RUNNING);

        end(
                website,
                new VisitOutcome.Contacted(
                        "a", List.of("a@a.example"), Map.of("facebook", "https://facebook.com/a"), List.of()));

        assertThat(room.job(account, number).status()).isEqualTo(JobStatus.COMPLETED);
        List<String> places = room.get(JobPlaces.class).page(number, 0, 10);
        assertThat(JobRoom.json(places.getFirst()).at("/emails/0").asText()).isEqualTo("a@a.example");
        assertThat(JobRoom.json(places.getFirst()).at("/socialLinks/facebook").asText())
                .isEqualTo("https://facebook.com/a");
        assertThat(JobRoom.json(places.getLast()).has("emails")).isFalse();
    }

    @Test
    void aLaneWhoseTokenIsLostGetsAnother() throws JsonProcessingException {
        search(10);
        List<String> lost = room.tokens();
        room.get(JobAdmission.class).reissueLostTokens();
        assertThat(room.tokens()).isEmpty();

        room.clock().advance(Duration.ofMinutes(16));
        room.get(JobAdmission.class).reissueLostTokens();

        assertThat(room.tokens()).containsAll(lost);
    }
}
