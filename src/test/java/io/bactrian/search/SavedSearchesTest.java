package io.bactrian.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestLock;
import io.bactrian.job.JobAdmission;
import io.bactrian.job.JobEnd;
import io.bactrian.job.JobStatus;
import io.bactrian.job.Jobs;
import io.bactrian.recovery.FailedWork;
import io.bactrian.recovery.RecoveryRoom;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** When saved searches run, what becomes of their runs, and who hears of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavedSearchesTest {
    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final SearchNode node = new SearchNode(database, clock);
    private UUID account = UUID.randomUUID();

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    @BeforeEach
    void anotherAccountOnAMonday() {
        database.jdbc().sql("DELETE FROM saved_search").update();
        database.jdbc().sql("DELETE FROM outbox").update();
        account = node.account(SearchNode.CREDITS);
        node.at("2026-03-02T08:59:58Z");
    }

    private static SearchDefinition with(SearchDefinition before, boolean active, boolean onlyNew) {
        return new SearchDefinition(
                before.name(),
                before.params(),
                before.schedule(),
                before.timezone(),
                active,
                onlyNew,
                before.notifyWebhook(),
                before.notifyOwner(),
                before.notifyEmail());
    }

    private void update(SavedSearch search, UnaryOperator<SearchDefinition> change) {
        node.get(SavedSearches.class).update(account, search.id(), change);
    }

    @Test
    void aSearchRunsWhenItIsDueAndIsDueAnew() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * MON");
        assertThat(search.nextRunAt()).isEqualTo(Instant.parse("2026-03-02T09:00:00Z"));
        assertThat(node.claimAll()).isZero();

        node.at("2026-03-02T09:00:00.250Z");
        node.fire();

        assertThat(node.now(search).nextRunAt()).isEqualTo(Instant.parse("2026-03-09T09:00:00Z"));
        assertThat(node.now(search).lastRunAt()).isEqualTo(Instant.parse("2026-03-02T09:00:00Z"));
        assertThat(node.claimAll()).isZero();
        assertThat(node.history(search)).singleElement().satisfies(run -> {
            assertThat(run.jobId()).isEqualTo("job_" + node.jobOf(search));
            assertThat(run.scheduledFor()).isEqualTo(Instant.parse("2026-03-02T09:00:00Z"));
            assertThat(run.status()).isEqualTo("queued");
        });
    }

    @Test
    void aNodeWithoutABrowserMakesTheJobOfARunForANodeThatHasOne() throws JsonProcessingException {
        try (SearchNode browserless = new SearchNode(database, clock)) {
            browserless.browserless = true;
            SavedSearch search = browserless.save(account, "0 9 * * MON");
            node.at("2026-03-02T09:00:01Z");

            browserless.fire();

            assertThat(node.history(search)).singleElement().satisfies(run -> {
                assertThat(run.status()).isEqualTo("queued");
                assertThat(run.jobId()).isEqualTo("job_" + node.jobOf(search));
            });
        }
    }

    @Test
    void aSearchThatWasMissedOftenRunsOnce() throws JsonProcessingException {
        SavedSearch search = node.save(account, "*/5 * * * *");

        node.at("2026-03-04T17:02:00Z");
        node.fire();

        assertThat(node.history(search))
                .extracting(SearchRun::scheduledFor)
                .containsExactly(Instant.parse("2026-03-02T09:00:00Z"));
        assertThat(node.now(search).nextRunAt()).isEqualTo(Instant.parse("2026-03-04T17:05:00Z"));
    }

    @Test
    void twoNodesThatLookAtOnceRunEachSearchOnce() throws Exception {
        int searches = 300;
        for (int i = 0; i < searches; i++) {
            node.save(account, "0 9 * * *");
        }
        node.at("2026-03-02T09:00:01Z");
        try (SearchNode other = new SearchNode(database, clock);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Integer>> lookers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                lookers.add(node::claimAll);
                lookers.add(other::claimAll);
            }
            int claimed = 0;
            for (Future<Integer> looker : threads.invokeAll(lookers)) {
                claimed += looker.get();
            }

            assertThat(claimed).isEqualTo(searches);
        }
        List<String> messages = node.messages("SEARCHES_RUN");
        assertThat(messages).hasSize(searches).doesNotHaveDuplicates();
        assertThat(database.jdbc()
                        .sql("SELECT count(DISTINCT search_id) FROM saved_search_run")
                        .query(Long.class)
                        .single())
                .isEqualTo(searches);
    }

    @Test
    void aMessageThatComesTwiceMakesOneJob() throws Exception {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.claimAll();
        String message = node.messages("SEARCHES_RUN").getFirst();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Boolean> start = () -> {
                node.get(SearchRuns.class).start(message);
                return true;
            };
            for (Future<Boolean> started : threads.invokeAll(List.of(start, start, start, start))) {
                assertThat(started.get()).isTrue();
            }
        }

        assertThat(node.get(Jobs.class).numbers(account)).containsExactly(node.jobOf(search));
    }

    @Test
    void aRunWithoutCreditsHasFailedAndSaysSo() throws JsonProcessingException {
        UUID poor = node.account(1);
        SavedSearch search = node.save(poor, "0 9 * * *");

        node.at("2026-03-02T09:00:01Z");
        node.fire();

        assertThat(node.history(search)).singleElement().satisfies(run -> {
            assertThat(run.jobId()).isNull();
            assertThat(run.status()).isEqualTo("failed");
            assertThat(run.error()).isEqualTo("Insufficient credits: the search needs 2, and 1 are available");
            assertThat(run.startedAt()).isEqualTo(run.completedAt()).isNotNull();
            assertThat(run.creditsUsed()).isZero();
        });
        assertThat(node.now(search).nextRunAt()).isEqualTo(Instant.parse("2026-03-03T09:00:00Z"));
    }

    @Test
    void aPausedSearchDoesNotRunAndIsDueFromNowOnWhenItGoesOn() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        update(search, before -> with(before, false, true));
        assertThat(node.now(search).nextRunAt()).isNull();

        node.at("2026-03-05T10:00:00Z");
        node.fire();
        update(search, before -> with(before, true, true));

        assertThat(node.history(search)).isEmpty();
        assertThat(node.now(search).nextRunAt()).isEqualTo(Instant.parse("2026-03-06T09:00:00Z"));
    }

    @Test
    void aChangeOfSomethingElseLeavesItDueWhenItWas() {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");

        update(search, before -> with(before, true, false));

        assertThat(node.now(search).nextRunAt()).isEqualTo(Instant.parse("2026-03-02T09:00:00Z"));
        assertThat(node.now(search).definition().onlyNew()).isFalse();
    }

    @Test
    void onlyPlacesThatNoEarlierRunHasFoundAreTold() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.fire();
        node.end(search, "a", "b");
        JsonNode first = node.taken("WEBHOOKS_EVENTS").stream()
                .filter(event -> event.path("type").asText().equals("search.completed"))
                .findFirst()
                .orElseThrow();
        JsonNode data = new ObjectMapper().readTree(first.path("body").asText()).path("data");
        assertThat(data.path("newCount").asInt()).isEqualTo(2);
        assertThat(data.path("userId").isIntegralNumber()).isTrue();
        assertThat(data.path("searchId").asLong()).isEqualTo(search.id());
        assertThat(data.path("jobId").asText()).isEqualTo("job_" + node.jobOf(search));
        assertThat(data.path("places").findValuesAsText("placeId")).containsExactly("a", "b");
        assertThat(data.path("places").path(0).has("reviews")).isFalse();
        assertThat(data.path("more").asInt()).isZero();
        assertThat(data.path("scheduledFor").asText()).isEqualTo("2026-03-02T09:00:00Z");
        assertThat(node.taken("MAILS_SEND")).singleElement().satisfies(mail -> {
            assertThat(mail.at("/mail/to").asText()).isEqualTo(account + "@example.com");
            assertThat(mail.at("/mail/subject").asText()).isEqualTo("2 new places: \u201cLeads\u201d");
            assertThat(mail.at("/mail/table/rows")).hasSize(2);
        });

        node.at("2026-03-03T09:00:01Z");
        node.fire();
        node.end(search, "b", "a");
        assertThat(searchesTold()).isZero();
        assertThat(node.taken("MAILS_SEND")).isEmpty();

        node.at("2026-03-04T09:00:01Z");
        node.fire();
        node.end(search, "b", "c");
        assertThat(searchesTold()).isEqualTo(1);
        assertThat(node.taken("MAILS_SEND")
                        .getFirst()
                        .at("/mail/table/rows/0/0")
                        .asText())
                .isEqualTo("Place c");
        assertThat(node.history(search)).extracting(SearchRun::newCount).containsExactly(1, 0, 2);
    }

    private long searchesTold() throws JsonProcessingException {
        return node.taken("WEBHOOKS_EVENTS").stream()
                .filter(event -> event.path("type").asText().equals("search.completed"))
                .count();
    }

    @Test
    void withoutOnlyNewEveryRunIsTold() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        update(search, before -> with(before, true, false));
        node.at("2026-03-02T09:00:01Z");
        node.fire();

        node.end(search);

        assertThat(searchesTold()).isEqualTo(1);
        assertThat(node.taken("MAILS_SEND").getFirst().at("/mail/subject").asText())
                .isEqualTo("0 new places: \u201cLeads\u201d");
    }

    @Test
    void theHistoryOutlivesTheJob() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.fire();
        long job = node.jobOf(search);
        node.end(search, "a");
        List<SearchRun> before = node.history(search);

        assertThat(node.get(Jobs.class).cancelOrDelete(account, job)).isFalse();

        assertThat(node.history(search)).isEqualTo(before).singleElement().satisfies(run -> {
            assertThat(run.jobId()).isEqualTo("job_" + job);
            assertThat(run.status()).isEqualTo("completed");
            assertThat(run.resultCount()).isEqualTo(1);
            assertThat(run.creditsUsed()).isEqualTo(1);
            assertThat(run.startedAt()).isNotNull();
            assertThat(run.completedAt()).isNotNull();
        });
    }

    @Test
    void aJobThatIsCancelledCancelsItsRunWithoutANotice() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.fire();

        assertThat(node.get(Jobs.class).cancelOrDelete(account, node.jobOf(search)))
                .isTrue();

        assertThat(node.history(search)).extracting(SearchRun::status).containsExactly("cancelled");
        assertThat(searchesTold()).isZero();
    }

    @Test
    void aSearchThatIsDeletedLeavesItsJobToEnd() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.claimAll();
        SavedSearch waiting = node.save(account, "0 9 * * *");
        node.startRuns();
        long job = node.jobOf(search);

        node.get(SavedSearches.class).delete(account, search.id());

        assertThatThrownBy(() -> node.history(search)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> node.get(SavedSearches.class).delete(account, search.id()))
                .isInstanceOf(NotFoundException.class);
        assertThat(node.get(Jobs.class).cancelOrDelete(account, job)).isTrue();
        assertThat(node.history(waiting)).isEmpty();
    }

    @Test
    void anAccountHasOnlySoManySearches() {
        for (int i = 0; i < SearchNode.MOST; i++) {
            node.save(account, "@daily");
        }

        assertThatThrownBy(() -> node.save(account, "@daily"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("400 saved searches");
        node.save(node.account(0), "@daily");
    }

    @Test
    void aRunWhoseMessageWasLostIsAskedForAgain() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.claimAll();
        node.taken("SEARCHES_RUN");
        node.get(SearchRuns.class).resendLost();
        assertThat(node.messages("SEARCHES_RUN")).isEmpty();

        clock.advance(Duration.ofMinutes(16));
        node.get(SearchRuns.class).resendLost();
        node.startRuns();

        assertThat(node.history(search)).extracting(SearchRun::jobId).containsExactly("job_" + node.jobOf(search));
    }

    @Test
    void aRunThatAlwaysFailsToStartFailsInTheHistory() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.claimAll();
        String message = node.messages("SEARCHES_RUN").getFirst();
        node.taken("SEARCHES_RUN");

        for (int i = 0; i < 20; i++) {
            node.get(FailedWork.class).note("bactrian.searches.run", message, new IllegalStateException("It fails."));
            clock.advance(Duration.ofMinutes(16));
            node.get(SearchRuns.class).resendLost();
        }

        assertThat(node.messages("SEARCHES_RUN")).hasSize(RecoveryRoom.REISSUES);
        assertThat(node.history(search)).singleElement().satisfies(run -> {
            assertThat(run.status()).isEqualTo("failed");
            assertThat(run.error()).contains("The service failed to start this search");
        });
    }

    @Test
    void aBrokenSearchFailsAloneAndTheOthersRun() throws JsonProcessingException {
        SavedSearch unreadable = node.save(account, "0 9 * * *");
        SavedSearch unscheduled = node.save(account, "0 9 * * *");
        SavedSearch good = node.save(account, "0 9 * * *");
        database.jdbc()
                .sql("UPDATE saved_search SET params = '{' WHERE id = ?")
                .param(unreadable.id())
                .update();
        database.jdbc()
                .sql("UPDATE saved_search SET schedule = '?', timezone = 'Moon/Sea' WHERE id = ?")
                .param(unscheduled.id())
                .update();
        node.at("2026-03-02T09:00:01Z");

        node.fire();

        assertThat(node.history(good)).extracting(SearchRun::jobId).containsExactly("job_" + node.jobOf(good));
        assertThat(node.history(unreadable)).singleElement().satisfies(run -> {
            assertThat(run.status()).isEqualTo("failed");
            assertThat(run.error()).contains("cannot be read any more");
        });
        assertThat(node.get(SavedSearches.class).list(account)).hasSize(3);
    }

    @Test
    void aRunWhosePlacesAreUnreadableEndsWithItsAbandonedJob() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.fire();
        long job = node.jobOf(search);
        Timestamp now = Timestamp.from(clock.instant());
        database.jdbc()
                .sql("INSERT INTO job_place (job_id, position, place_id, place) VALUES (?, 0, 'a', '{')")
                .param(job)
                .update();
        database.jdbc()
                .sql("UPDATE job SET status = 'running', started_at = ?, updated_at = ?, result_count = 1 WHERE id = ?")
                .params(now, now, job)
                .update();
        String end = "{\"job\": %d}".formatted(job);
        assertThatThrownBy(() -> node.get(JobEnd.class).end(end)).hasMessageContaining("unreadable place");

        for (int i = 0; i < 20; i++) {
            node.get(FailedWork.class).note("bactrian.jobs.end", end, new IllegalStateException("It fails."));
            clock.advance(Duration.ofMinutes(16));
            node.get(JobAdmission.class).reissueLostTokens();
        }

        assertThat(node.history(search))
                .singleElement()
                .satisfies(run -> assertThat(run.status()).isEqualTo("completed"));
        assertThat(node.get(Jobs.class).find(account, job).creditsUsed()).isOne();
    }

    @Test
    void runsThatEndedLongAgoAreForgotten() throws JsonProcessingException {
        SavedSearch search = node.save(account, "0 9 * * *");
        node.at("2026-03-02T09:00:01Z");
        node.fire();
        node.end(search, "a");
        clock.advance(Duration.ofDays(89));
        node.get(SearchRuns.class).forgetOld();
        assertThat(node.history(search)).hasSize(1);

        clock.advance(Duration.ofDays(2));
        node.get(SearchRuns.class).forgetOld();

        assertThat(node.history(search)).isEmpty();
    }

    @Test
    void aClosedAccountsSearchesAreErased() {
        for (int i = 0; i < 25; i++) {
            node.save(account, "@daily");
        }
        UUID other = node.account(0);
        node.save(other, "@daily");

        assertThat(node.get(SearchErasure.class).eraseSome(account)).isTrue();
        assertThat(node.get(SearchErasure.class).eraseSome(account)).isFalse();

        assertThat(node.get(SavedSearches.class).list(account)).isEmpty();
        assertThat(node.get(SavedSearches.class).list(other)).hasSize(1);
    }

    @Test
    void anothersSearchIsNotFound() {
        SavedSearch search = node.save(account, "@daily");
        UUID other = node.account(0);

        assertThatThrownBy(() -> node.get(SavedSearches.class).find(other, search.id()))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> node.get(SavedSearches.class).update(other, search.id(), before -> before))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void whatNoJobCanBeMadeOfIsNotSaved() {
        SearchDefinition definition = SearchNode.definition("@daily");
        definition.params().put("provider", "nowhere");

        assertThatThrownBy(() -> node.get(SavedSearches.class).create(account, definition, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("provider must be one of atlas");
        assertThatThrownBy(() -> node.save(account, "0 25 * * *"))
                .hasMessage("schedule is wrong in the field 'hour': '25' is not between 0 and 23");
        assertThat(Set.copyOf(node.get(SavedSearches.class).list(account))).isEmpty();
    }

    @Test
    void aRunThatStartsAndOneThatEndsAndADeletionDoNotWaitForOneAnother() throws Exception {
        SavedSearch search = node.save(account, "* * * * *");
        node.at("2026-03-02T09:00:00Z");
        node.fire();
        long job = node.jobOf(search);
        database.jdbc()
                .sql("UPDATE job SET status = 'running', started_at = created_at WHERE id = ?")
                .param(job)
                .update();
        node.at("2026-03-02T09:01:00Z");
        node.claimAll();
        String nextRun = node.messages("SEARCHES_RUN").getFirst();
        DataSource dataSource = database.dataSource();

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            Future<?> deletion;
            Future<?> end;
            Future<?> start;
            try (TestLock held =
                    TestLock.hold(dataSource, "SELECT 1 FROM saved_search WHERE id = ? FOR UPDATE", search.id())) {
                deletion = threads.submit(() -> node.get(SavedSearches.class).delete(account, search.id()));
                held.awaitWaiting(1);
                end = threads.submit(() -> {
                    node.get(JobEnd.class).end("{\"job\": %d}".formatted(job));
                    return null;
                });
                held.awaitWaiting(2);
                start = threads.submit(() -> {
                    node.get(SearchRuns.class).start(nextRun);
                    return null;
                });
                await().until(() -> start.isDone() || held.waiting() == 3);
            }
            deletion.get();
            end.get();
            start.get();
        }
        assertThatThrownBy(() -> node.now(search)).isInstanceOf(NotFoundException.class);
        assertThat(node.get(Jobs.class).find(account, job).status()).isEqualTo(JobStatus.COMPLETED);
        assertThat(node.get(Jobs.class).numbers(account)).hasSize(2);
    }
}
