package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.SettableClock;
import io.bactrian.Shares;
import io.bactrian.credit.Balance;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Hop;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lanes under repetition, contention and loss, with this test in the place of the broker. */
class LanesTest {
    private static final TaskRoom ROOM = new TaskRoom();
    private static final Retries RETRIES =
            new Retries(Duration.ofSeconds(1), 2, Duration.ofMinutes(1), Duration.ofMinutes(10));

    private final SettableClock clock = ROOM.clock();
    private final Lanes lanes = ROOM.get(Lanes.class);
    private final Admission admission = ROOM.get(Admission.class);
    private final TaskEnd end = ROOM.get(TaskEnd.class);
    private final Tasks tasks = ROOM.get(Tasks.class);
    private final ObjectMapper json = ROOM.get(ObjectMapper.class);
    private UUID account = UUID.randomUUID();

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @BeforeEach
    void openAnAccount() {
        account = ROOM.accountWith(1_000_000);
        ROOM.forgetMessages();
    }

    @Test
    void aRepeatedTokenChangesNothing() throws JsonProcessingException {
        UUID task = running(urls("a.example", 4), 1, 2);
        LaneToken first = new LaneToken(task, 0, 0);
        step(first);
        List<Integer> stored = positions(task);

        assertThat(lanes.take(text(first))).isNull();
        assertThat(positions(task)).isEqualTo(stored).containsExactly(0, 1);
        assertThat(tokens(task)).containsExactly(first, new LaneToken(task, 0, 1));
    }

    @Test
    void aStepWhosePageHasNoOutcomeEndsHoweverOftenItIsAskedForMore() throws JsonProcessingException {
        UUID task = running(urls("a.example", 4), 1, 4);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        Iterator<PageRequest> pages = step.pages();
        pages.next();
        step.add(had(), RETRIES, RandomGenerator.getDefault());
        pages.next();
        assertThat(pages.hasNext())
                .as("Camel's question before it scrapes the page")
                .isTrue();

        int more = 0;
        while (more < 10 && pages.hasNext()) {
            pages.next();
            more++;
        }

        assertThat(more).isZero();
    }

    @Test
    void twoStepsOfOneTokenAreStoredOnce() throws Exception {
        UUID task = running(urls("a.example", 4), 1, 2);
        String token = text(new LaneToken(task, 0, 0));
        LaneStep one = taken(token);
        LaneStep other = taken(token);
        scrape(one);
        scrape(other);

        atOnce(List.of(storing(one), storing(other)));

        assertThat(positions(task)).containsExactly(0, 1);
        assertThat(tokens(task)).containsExactly(new LaneToken(task, 0, 0), new LaneToken(task, 0, 1));
        assertThat(tasks.find(account, task).pagesDone()).isEqualTo(2);
    }

    @Test
    void noPageIsGivenToTwoLanes() throws Exception {
        int pages = 400;
        int parallel = 16;
        UUID task = running(urls("a.example", pages), parallel, 3);
        Queue<String> scraped = new ConcurrentLinkedQueue<>();

        List<Callable<Object>> work = new ArrayList<>();
        for (int lane = 0; lane < parallel; lane++) {
            LaneToken first = new LaneToken(task, lane, 0);
            work.add(() -> {
                LaneToken token = first;
                LaneStep step = lanes.take(text(token));
                while (step != null) {
                    scraped.addAll(scrape(step));
                    lanes.store(step);
                    token = new LaneToken(task, token.lane(), token.sequence() + 1);
                    step = lanes.take(text(token));
                }
                return token;
            });
        }
        atOnce(work);

        assertThat(scraped).containsExactlyInAnyOrderElementsOf(urls("a.example", pages));
        assertThat(positions(task)).isEqualTo(IntStream.range(0, pages).boxed().toList());
        assertThat(ROOM.messages("TASKS_END")).hasSize(1);
    }

    @Test
    void aLaneOfAnAccountThatHasItsShareComesBackAndThoseOfOthersGoOn() throws JsonProcessingException {
        LaneShares shares = ROOM.get(LaneShares.class);
        UUID task = running(urls("a.example", 1), 1, 1);
        List<Shares.Share> held = Stream.generate(() -> shares.take(account))
                .takeWhile(Optional::isPresent)
                .map(Optional::orElseThrow)
                .toList();
        Instant before = clock.instant();
        LaneToken first = new LaneToken(task, 0, 0);
        LaneStep refused = taken(text(first));
        assertThat(refused.pages().hasNext()).isFalse();
        lanes.store(refused);
        refused.leave();
        LaneToken next = new LaneToken(task, 0, 1);

        assertThat(ROOM.deliveryTime(text(next))).isAfterOrEqualTo(before.plusSeconds(1));
        assertThat(shares.take(UUID.randomUUID())).isPresent();

        held.forEach(Shares.Share::close);
        LaneStep step = taken(text(next));
        assertThat(scrape(step)).hasSize(1);
        lanes.store(step);
        step.leave();
        assertThat(positions(task)).containsExactly(0);
    }

    @Test
    void aFailedPageComesBackWhenItsTimeHasCome() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        Instant before = clock.instant();
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(failed(Duration.ofSeconds(30)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);
        LaneToken next = new LaneToken(task, 0, 1);

        assertThat(ROOM.deliveryTime(text(next))).isBetween(before.plusSeconds(29), before.plusSeconds(31));
        clock.advance(Duration.ofSeconds(29));
        LaneStep early = taken(text(next));
        assertThat(early.pages().hasNext()).isFalse();
        lanes.store(early);
        clock.advance(Duration.ofSeconds(2));
        LaneStep due = taken(text(new LaneToken(task, 0, 2)));
        assertThat(due.pages().next().attempt()).isEqualTo(2);
        due.add(had(), RETRIES, RandomGenerator.getDefault());
        lanes.store(due);
        assertThat(positions(task)).containsExactly(0);
    }

    @Test
    void aFailureInWhateverCharactersIsStoredWithThePagesBesideIt() throws JsonProcessingException {
        List<String> messages = List.of("a\0b", "half \ud83d", "\uffff", "x".repeat(10 << 20));
        UUID task = running(urls("a.example", messages.size() + 1), 1, messages.size() + 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        for (String message : messages) {
            step.pages().next();
            step.add(
                    new Outcome.Failed(ErrorCode.EXTRACTION_FAILED, message, false, null, metadata()),
                    RETRIES,
                    RandomGenerator.getDefault());
        }
        step.pages().next();
        step.add(had(), RETRIES, RandomGenerator.getDefault());

        lanes.store(step);

        assertThat(positions(task)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void aRateLimitSpacesTheTurnsAtEachHost() throws JsonProcessingException {
        List<String> urls = new ArrayList<>(urls("a.example", 3));
        urls.addAll(urls("b.example", 1));
        ObjectNode config = config(urls, 1, 4).put("rate_limit", 2);
        UUID task = start(config);

        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        assertThat(scrape(step)).containsExactly("https://a.example/0", "https://b.example/0");
        lanes.store(step);
        clock.advance(Duration.ofMillis(550));
        step = taken(text(new LaneToken(task, 0, 1)));
        assertThat(scrape(step)).containsExactly("https://a.example/1");
        lanes.store(step);
        clock.advance(Duration.ofMillis(550));
        step = taken(text(new LaneToken(task, 0, 2)));
        assertThat(scrape(step)).containsExactly("https://a.example/2");
        lanes.store(step);
        assertThat(positions(task)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aHostWithoutALimitTakesNoTurns() throws JsonProcessingException {
        ROOM.forgetClocks();
        UUID task = running(urls("a.example", 4), 1, 4);

        step(new LaneToken(task, 0, 0));

        assertThat(positions(task)).hasSize(4);
        assertThat(ROOM.clocks()).isEmpty();
    }

    @Test
    void aLaneBooksOneSlotAtAHostAndGoesOnWithOthers() throws JsonProcessingException {
        List<String> urls = new ArrayList<>(urls("one.test", 3));
        urls.addAll(urls("a.example", 1));
        UUID task = running(urls, 1, 4);
        UUID newcomer = running(urls("one.test", 1), 1, 1);
        Instant begin = clock.instant();

        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        assertThat(scrape(step)).containsExactly("https://one.test/0", "https://a.example/0");
        lanes.store(step);
        step(new LaneToken(newcomer, 0, 0));

        LaneToken next = new LaneToken(task, 0, 1);
        assertThat(ROOM.deliveryTime(text(next))).isEqualTo(begin.plusMillis(1_100));
        assertThat(ROOM.priority(text(next))).isEqualTo(9);
        assertThat(ROOM.deliveryTime(text(new LaneToken(newcomer, 0, 1))))
                .as("it stands behind one page of the other lane, not behind two")
                .isEqualTo(begin.plusMillis(2_200));
        clock.advance(Duration.ofMillis(1_100));
        step = taken(text(next));
        assertThat(scrape(step)).containsExactly("https://one.test/1");
        lanes.store(step);
        assertThat(ROOM.deliveryTime(text(new LaneToken(task, 0, 2)))).isEqualTo(begin.plusMillis(3_300));
        clock.advance(Duration.ofMillis(1_150));
        step = taken(text(new LaneToken(newcomer, 0, 1)));
        assertThat(scrape(step)).containsExactly("https://one.test/0");
        lanes.store(step);
        clock.advance(Duration.ofMillis(1_050));
        step = taken(text(new LaneToken(task, 0, 2)));
        assertThat(scrape(step)).containsExactly("https://one.test/2");
        lanes.store(step);
        assertThat(positions(task)).containsExactly(0, 1, 2, 3);
        assertThat(positions(newcomer)).containsExactly(0);
    }

    @Test
    void whileALaneHasWorkItsTokenIsAnOrdinaryOne() throws JsonProcessingException {
        List<String> urls = new ArrayList<>(urls("two.test", 2));
        urls.addAll(urls("a.example", 2));
        UUID task = running(urls, 1, 2);

        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        assertThat(scrape(step)).containsExactly("https://two.test/0");
        lanes.store(step);

        assertThat(ROOM.priority(text(new LaneToken(task, 0, 1)))).isEqualTo(4);
        step = taken(text(new LaneToken(task, 0, 1)));
        assertThat(scrape(step)).containsExactly("https://a.example/0", "https://a.example/1");
        lanes.store(step);
        assertThat(ROOM.priority(text(new LaneToken(task, 0, 2)))).isEqualTo(9);
    }

    @Test
    void aLaneKeepsNoMorePagesForLaterThanItMay() throws JsonProcessingException {
        UUID task = running(urls("three.test", 200), 1, 200);

        LaneStep step = taken(text(new LaneToken(task, 0, 0)));

        assertThat(scrape(step)).hasSize(1);
        assertThat(step.remaining()).hasSize(LaneStep.MOST_DEFERRED);
        assertThat(step.remaining()).filteredOn(page -> page.booked() != null).hasSize(1);
    }

    @Test
    void aRequestEndsBeforeTheNextOneOfItsHostMayGo() throws JsonProcessingException {
        UUID task = running(urls("four.test", 2), 2, 1);
        LaneStep slow = taken(text(new LaneToken(task, 0, 0)));
        slow.pages().next();
        clock.advance(Duration.ofSeconds(5));

        LaneStep other = taken(text(new LaneToken(task, 1, 0)));
        assertThat(scrape(other)).isEmpty();
        lanes.store(other);
        clock.advance(Duration.ofSeconds(5));
        slow.add(had(), RETRIES, RandomGenerator.getDefault());

        other = taken(text(new LaneToken(task, 1, 1)));
        assertThat(scrape(other)).hasSize(1);
    }

    @Test
    void aHostThatIsTooBusyIsLeftAloneByEverybody() throws JsonProcessingException {
        UUID task = running(urls("five.test", 1), 1, 1);
        UUID other = running(urls("five.test", 1), 1, 1);
        Instant begin = clock.instant();
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(tooBusy("https://five.test/0", 429, Duration.ofSeconds(40)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);
        clock.advance(Duration.ofSeconds(10));

        step(new LaneToken(other, 0, 0));

        assertThat(positions(other)).isEmpty();
        assertThat(ROOM.deliveryTime(text(new LaneToken(other, 0, 1)))).isEqualTo(begin.plusSeconds(40));
        clock.advance(Duration.ofSeconds(30));
        step(new LaneToken(other, 0, 1));
        assertThat(positions(other)).containsExactly(0);
    }

    @Test
    void aHostIsNotLeftAloneForLongerThanASiteMayAskFor() throws JsonProcessingException {
        UUID task = running(urls("six.test", 1), 1, 1);
        Instant begin = clock.instant();
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(tooBusy("https://six.test/0", 503, Duration.ofDays(1)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);

        clock.advance(Duration.ofMinutes(10));
        assertThat(ROOM.deliveryTime(text(new LaneToken(task, 0, 1)))).isEqualTo(begin.plusSeconds(600));
        step(new LaneToken(task, 0, 1));
        assertThat(positions(task)).containsExactly(0);
    }

    @Test
    void aPageGoesOnWhereItHasComeToWhenItIsItsTurnThere() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        UUID other = running(urls("seven.test", 1), 1, 1);
        step(new LaneToken(other, 0, 0));
        Hop hop = new Hop("https://seven.test/moved", 1, 0);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        assertThat(step.pages().next().hop()).isNull();
        step.add(new Outcome.Unfinished(hop, metadata()), RETRIES, RandomGenerator.getDefault());

        assertThat(step.pages().hasNext()).isFalse();
        lanes.store(step);

        assertThat(positions(task)).isEmpty();
        clock.advance(Duration.ofMillis(1_100));
        step = taken(text(new LaneToken(task, 0, 1)));
        PageRequest page = step.pages().next();
        assertThat(page.hop()).isEqualTo(hop);
        assertThat(page.url()).isEqualTo("https://a.example/0");
        assertThat(page.attempt()).isOne();
        step.add(had(), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);
        assertThat(positions(task)).containsExactly(0);
    }

    @Test
    void aPageThatFailsWhileTheProcessStopsIsLeftForTheNextOne() throws JsonProcessingException {
        UUID task = running(urls("a.example", 2), 1, 2);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        Shutdown shutdown = ROOM.get(Shutdown.class);
        shutdown.stop();
        try {
            step.add(failed(Duration.ZERO), RETRIES, RandomGenerator.getDefault());
            assertThat(step.pages().hasNext()).isFalse();
            lanes.store(step);
        } finally {
            shutdown.start();
        }

        assertThat(positions(task)).isEmpty();
        step = taken(text(new LaneToken(task, 0, 1)));
        PageRequest page = step.pages().next();
        assertThat(page.url()).isEqualTo("https://a.example/0");
        assertThat(page.attempt()).isOne();
    }

    @Test
    void aTasksOwnRateHoldsWhereItsPagesWaitForTheirHostToo() throws JsonProcessingException {
        UUID crowd = running(urls("eight.test", 4), 4, 1);
        for (int lane = 0; lane < 4; lane++) {
            step(new LaneToken(crowd, lane, 0));
        }
        Instant begin = clock.instant();
        UUID task = start(config(urls("eight.test", 2), 2, 1).put("rate_limit", 0.5));

        LaneStep first = taken(text(new LaneToken(task, 0, 0)));
        LaneStep second = taken(text(new LaneToken(task, 1, 0)));
        assertThat(scrape(first)).isEmpty();
        assertThat(scrape(second)).isEmpty();
        lanes.store(first);
        lanes.store(second);

        Instant slot = begin.plusMillis(4_400);
        assertThat(ROOM.deliveryTime(text(new LaneToken(task, 0, 1)))).isEqualTo(slot);
        clock.advance(Duration.ofMillis(4_400));
        step(new LaneToken(task, 0, 1));
        assertThat(positions(task)).hasSize(1);
        assertThat(ROOM.deliveryTime(text(new LaneToken(task, 1, 1)))).isEqualTo(slot.plusMillis(2_100));
        clock.advance(Duration.ofMillis(2_100));
        step(new LaneToken(task, 1, 1));
        assertThat(positions(task)).hasSize(2);
    }

    @Test
    void lanesThatRetireAtOnceEndTheirTaskOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            ROOM.forgetMessages();
            UUID task = running(urls("a.example", 4), 4, 1);
            List<Callable<Object>> work = new ArrayList<>();
            for (int lane = 0; lane < 4; lane++) {
                LaneStep step = taken(text(new LaneToken(task, lane, 0)));
                scrape(step);
                work.add(storing(step));
            }

            atOnce(work);

            List<String> requests = ROOM.messages("TASKS_END");
            assertThat(requests).hasSize(1);
            String request = requests.getFirst();
            atOnce(List.of(ending(request), ending(request)));
            assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.COMPLETED);
            assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        }
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(1_000_000, 1_000_000 - 20 * 4 * 5, 0, 20 * 4 * 5));
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aPageUnderWhichTheBrowserDiesThreeTimesIsARow() throws JsonProcessingException {
        UUID task = running(urls("a.example", 2), 1, 2);
        for (int sequence = 0; sequence < 3; sequence++) {
            LaneStep step = Objects.requireNonNull(lanes.take(text(new LaneToken(task, 0, sequence))));
            Iterator<PageRequest> pages = step.pages();
            while (pages.hasNext()) {
                PageRequest page = pages.next();
                assertThat(page.attempt()).as("a death is no attempt").isOne();
                step.add(
                        page.url().endsWith("/0") ? new Outcome.BrowserDied(metadata()) : had(),
                        RETRIES,
                        RandomGenerator.getDefault());
            }
            assertThat(step.rows()).as("step %d", sequence).hasSize(sequence == 1 ? 0 : 1);
            lanes.store(step);
            clock.advance(Duration.ofMinutes(1));
        }

        end.end(ROOM.messages("TASKS_END").getFirst());
        assertThat(tasks.find(account, task).unitsConsumed()).isEqualTo(5);
        assertThat(ROOM.database()
                        .sql(
                                "SELECT error_code || ': ' || error_message FROM task_row WHERE task_id = ? AND position = 0")
                        .param(task)
                        .query(String.class)
                        .single())
                .isEqualTo("extraction_failed: The browser has died under the page 3 times.");
    }

    @Test
    void aTokenThatComesTooEarlyComesBackWhenTheBrokersClockSaysSo() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(failed(Duration.ofSeconds(30)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);
        Instant due = ROOM.deliveryTime(text(new LaneToken(task, 0, 1)));
        clock.advance(Duration.ofSeconds(28));

        step(new LaneToken(task, 0, 1));

        // The broker has delivered it two seconds before its time by our clock, so its clock is two seconds ahead.
        Instant back = ROOM.deliveryTime(text(new LaneToken(task, 0, 2)));
        assertThat(back).isEqualTo(due.plusSeconds(2));
        clock.advance(Duration.ofSeconds(2));
        step(new LaneToken(task, 0, 2));
        assertThat(positions(task)).containsExactly(0);
    }

    @Test
    void aStepThatFindsNothingToDoHasALeastWait() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(failed(Duration.ofSeconds(30)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);
        clock.advance(Duration.ofMillis(29_999));

        step(new LaneToken(task, 0, 1));

        assertThat(ROOM.deliveryTime(text(new LaneToken(task, 0, 2))))
                .isEqualTo(clock.instant().plusMillis(251));
    }

    @Test
    void theStepsUnderWayOfACancelledTaskStoreTheirPagesAndTheLastOneEndsIt() throws JsonProcessingException {
        UUID task = running(urls("a.example", 9), 3, 3);
        LaneStep one = taken(text(new LaneToken(task, 0, 0)));
        LaneStep other = taken(text(new LaneToken(task, 1, 0)));
        one.pages().next();
        one.add(had(), RETRIES, RandomGenerator.getDefault());
        one.pages().next();
        other.pages().next();

        assertThat(tasks.cancelOrDelete(account, task)).isTrue();

        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.CANCELLED);
        assertThat(ROOM.messages("TASKS_EVENTS")).isEmpty();
        assertThat(ROOM.balance(account).reserved())
                .as("until the pages are counted")
                .isEqualTo(9 * 5);
        assertThat(ROOM.ledgerDifferences()).isEmpty();
        for (LaneStep step : List.of(one, other)) {
            step.add(had(), RETRIES, RandomGenerator.getDefault());
            assertThat(step.pages().hasNext()).as("another page").isFalse();
            lanes.store(step);
        }
        assertThat(tasks.find(account, task).unitsConsumed())
                .as("what is stored so far")
                .isEqualTo(3 * 5);
        assertThat(ROOM.messages("TASKS_END")).isEmpty();
        LaneStep late = taken(text(new LaneToken(task, 2, 0)));
        assertThat(late.pages().hasNext())
                .as("a page of a token that comes afterwards")
                .isFalse();
        lanes.store(late);
        endOnce();

        assertThat(positions(task)).containsExactly(0, 1, 3);
        assertThat(tasks.find(account, task).unitsConsumed()).isEqualTo(3 * 5);
        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(1_000_000, 1_000_000 - 3 * 5, 0, 3 * 5));
        assertThat(ROOM.ledgerDifferences()).isEmpty();
        assertThat(lanes.take(text(new LaneToken(task, 2, 0)))).isNull();
    }

    @Test
    void aCancelledTaskWhoseTokensAreAllFarOffEndsAtOnce() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(failed(Duration.ofSeconds(30)), RETRIES, RandomGenerator.getDefault());
        lanes.store(step);

        tasks.cancelOrDelete(account, task);

        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(1_000_000, 1_000_000, 0, 0));
        assertThat(lanes.take(text(new LaneToken(task, 0, 1)))).isNull();
    }

    @Test
    void aStepThatWouldWaitForLongRetiresBecauseItsTaskWasCancelledMeanwhile() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        step.pages().next();
        step.add(failed(Duration.ofSeconds(30)), RETRIES, RandomGenerator.getDefault());
        assertThat(step.pages().hasNext()).isFalse();
        assertThat(step.cancelled()).isFalse();

        tasks.cancelOrDelete(account, task);
        lanes.store(step);
        endOnce();

        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        assertThat(ROOM.balance(account).reserved()).isZero();
    }

    @Test
    void aLostTokenOfACancelledTaskIsIssuedAgainAndEndsIt() throws JsonProcessingException {
        UUID task = running(urls("a.example", 2), 1, 1);
        taken(text(new LaneToken(task, 0, 0)));
        tasks.cancelOrDelete(account, task);
        ROOM.forgetMessages();

        clock.advance(Duration.ofMinutes(16));
        admission.reissueLostTokens();
        assertThat(tokens(task)).containsExactly(new LaneToken(task, 0, 0));
        step(new LaneToken(task, 0, 0));
        ROOM.forgetMessages();
        clock.advance(Duration.ofMinutes(16));
        admission.reissueLostTokens();
        String request = json.writeValueAsString(new TaskEnd.Request(task));
        assertThat(ROOM.messages("TASKS_END")).containsOnlyOnce(request);
        end.end(request);

        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aSecondDeletionEndsATaskWithStepsUnderWayAtOnce() throws JsonProcessingException {
        UUID task = running(urls("a.example", 4), 2, 1);
        step(new LaneToken(task, 0, 0));
        LaneStep underWay = taken(text(new LaneToken(task, 1, 0)));
        underWay.pages().next();
        assertThat(tasks.cancelOrDelete(account, task)).isTrue();

        assertThat(tasks.cancelOrDelete(account, task)).isFalse();

        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        long used = ROOM.balance(account).used();
        assertThat(used).isPositive();
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(1_000_000, 1_000_000 - used, 0, used));
        underWay.add(had(), RETRIES, RandomGenerator.getDefault());
        lanes.store(underWay);
        assertThat(positions(task)).isEmpty();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    private void endOnce() throws JsonProcessingException {
        List<String> requests = ROOM.messages("TASKS_END");
        assertThat(requests).hasSize(1);
        end.end(requests.getFirst());
        end.end(requests.getFirst());
    }

    @Test
    void aCancellationAmongLanesThatRetireOrClaimSucceeds() throws Exception {
        for (int round = 0; round < 20; round++) {
            UUID task = running(urls("a.example", 6), 4, 1);
            List<Callable<Object>> work = new ArrayList<>();
            for (int lane = 0; lane < 3; lane++) {
                LaneStep step = taken(text(new LaneToken(task, lane, 0)));
                scrape(step);
                work.add(storing(step));
            }
            String waiting = text(new LaneToken(task, 3, 0));
            work.add(() -> Objects.requireNonNullElse(lanes.take(waiting), "cancelled before"));
            work.add(() -> tasks.cancelOrDelete(account, task));

            atOnce(work);

            assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.CANCELLED);
            ROOM.runLanes(page -> had());
            for (String request : ROOM.take("TASKS_END")) {
                end.end(request);
            }
            Task cancelled = tasks.find(account, task);
            assertThat(positions(task)).contains(0, 1, 2);
            assertThat(cancelled.unitsConsumed()).isEqualTo(5L * positions(task).size());
        }
        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aRetiringLaneWaitsForTheTaskBeforeItHoldsItself() throws Exception {
        UUID task = running(urls("a.example", 1), 1, 1);
        LaneStep step = taken(text(new LaneToken(task, 0, 0)));
        scrape(step);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Object> stored = ROOM.transactions().execute(transaction -> {
                ROOM.lock("SELECT 1 FROM task WHERE id = ? FOR NO KEY UPDATE", task);
                Future<Object> storing = thread.submit(storing(step));
                await().until(ROOM::somebodyWaits);
                // A lane that held its own row by now would deadlock with whoever cancels the task.
                ROOM.lock("SELECT 1 FROM task_lane WHERE task_id = ? FOR UPDATE NOWAIT", task);
                return storing;
            });
            Objects.requireNonNull(stored).get();
        }
        assertThat(ROOM.messages("TASKS_END")).hasSize(1);
    }

    @Test
    void aLostTokenIsIssuedAgainAfterAQuarterOfAnHour() throws JsonProcessingException {
        UUID task = running(urls("a.example", 8), 2, 2);
        step(new LaneToken(task, 0, 0));
        ROOM.forgetMessages();

        clock.advance(Duration.ofMinutes(14));
        admission.reissueLostTokens();
        assertThat(tokens(task)).isEmpty();
        clock.advance(Duration.ofMinutes(2));
        admission.reissueLostTokens();
        assertThat(tokens(task)).containsExactlyInAnyOrder(new LaneToken(task, 0, 1), new LaneToken(task, 1, 0));
        ROOM.forgetMessages();
        admission.reissueLostTokens();
        assertThat(tokens(task)).isEmpty();
    }

    @Test
    void aLostRequestForTheEndIsMadeAgain() throws JsonProcessingException {
        UUID task = running(urls("a.example", 1), 1, 1);
        step(new LaneToken(task, 0, 0));
        ROOM.forgetMessages();

        clock.advance(Duration.ofMinutes(16));
        admission.reissueLostTokens();

        // Tasks that other tests left unfinished may be asked for too.
        String request = json.writeValueAsString(new TaskEnd.Request(task));
        assertThat(ROOM.messages("TASKS_END")).containsOnlyOnce(request);
        end.end(request);
        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.COMPLETED);
    }

    private UUID running(List<String> urls, int parallel, int batch) throws JsonProcessingException {
        return start(config(urls, parallel, batch));
    }

    private UUID start(ObjectNode config) throws JsonProcessingException {
        Task task = tasks.submit(new TaskSubmission(
                account, "free", false, "Pages", null, TaskType.BULK_SCRAPING, 5, config, null, false));
        admission.admit(json.writeValueAsString(new AdmissionRequest(account)));
        assertThat(tasks.find(account, task.id()).status()).isEqualTo(TaskStatus.RUNNING);
        return task.id();
    }

    private ObjectNode config(List<String> urls, int parallel, int batch) {
        ObjectNode config =
                json.createObjectNode().put("parallel_requests", parallel).put("batch_size", batch);
        urls.forEach(config.putArray("urls")::add);
        config.putObject("selectors").put("title", "h1");
        return config;
    }

    private static List<String> urls(String host, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "https://%s/%d".formatted(host, i))
                .toList();
    }

    private void step(LaneToken token) throws JsonProcessingException {
        LaneStep step = taken(text(token));
        scrape(step);
        lanes.store(step);
    }

    private LaneStep taken(String token) throws JsonProcessingException {
        return Objects.requireNonNull(lanes.take(token));
    }

    private static List<String> scrape(LaneStep step) {
        List<String> urls = new ArrayList<>();
        Iterator<PageRequest> pages = step.pages();
        while (pages.hasNext()) {
            urls.add(pages.next().url());
            step.add(had(), RETRIES, RandomGenerator.getDefault());
        }
        return urls;
    }

    private static Outcome had() {
        return new Outcome.Scraped("{\"title\": \"A page\"}", metadata());
    }

    private static Outcome failed(Duration retryAfter) {
        return new Outcome.Failed(ErrorCode.HTTP_5XX, "The site answered 503.", true, retryAfter, metadata());
    }

    private static Outcome tooBusy(String url, int status, Duration retryAfter) {
        PageMetadata metadata = new PageMetadata(url, status, null, Instant.EPOCH, 1, 1);
        return new Outcome.Failed(ErrorCode.HTTP_4XX, "The site is too busy.", true, retryAfter, metadata);
    }

    private static PageMetadata metadata() {
        return new PageMetadata(null, null, null, Instant.EPOCH, 1, 1);
    }

    private Callable<Object> storing(LaneStep step) {
        return () -> {
            lanes.store(step);
            return step;
        };
    }

    private Callable<Object> ending(String request) {
        return () -> {
            end.end(request);
            return request;
        };
    }

    /** Begins all at the same moment, and fails if one of them does. */
    private static void atOnce(List<Callable<Object>> work) throws InterruptedException, ExecutionException {
        CyclicBarrier start = new CyclicBarrier(work.size());
        List<Future<Object>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
            for (Callable<Object> part : work) {
                results.add(threads.submit(() -> {
                    start.await();
                    return part.call();
                }));
            }
        }
        for (Future<Object> result : results) {
            result.get();
        }
    }

    private List<Integer> positions(UUID task) {
        return ROOM.positions(task);
    }

    private List<LaneToken> tokens(UUID task) throws JsonProcessingException {
        List<LaneToken> tokens = new ArrayList<>();
        for (String message : ROOM.messages("LANES_HTML")) {
            LaneToken token = json.readValue(message, LaneToken.class);
            if (token.task().equals(task)) {
                tokens.add(token);
            }
        }
        return tokens;
    }

    private String text(LaneToken token) throws JsonProcessingException {
        return json.writeValueAsString(token);
    }
}
