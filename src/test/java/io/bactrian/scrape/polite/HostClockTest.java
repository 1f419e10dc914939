package io.bactrian.scrape.polite;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostClockTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final EgressProperties EGRESS = EgressProperties.allowing("127.0.0.1");
    private static final EgressGuard GUARD =
            new EgressGuard(new AddressPolicy(EGRESS.allow(), List.of()), EGRESS.resolveTimeout());
    private static final EgressClient CLIENT = new EgressClient(GUARD, EGRESS);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final HostPace PACE = HostPace.of("a.example", 5, 1_000);

    private final SettableClock clock = new SettableClock();
    private final HostClock hosts = new HostClock(
            new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), List.of()), EGRESS),
            new RobotsTxt(CLIENT, new UserAgent(null, "https://example.org/"), clock),
            DATABASE.jdbc(),
            clock);

    @BeforeEach
    void forgetAll() {
        clock.advance(Duration.between(clock.instant(), clock.instant().truncatedTo(ChronoUnit.MILLIS)));
        DATABASE.jdbc().sql("DELETE FROM host_clock").update();
    }

    @AfterAll
    static void close() throws IOException {
        CLIENT.close();
        GUARD.close();
        DATABASE.close();
    }

    @Test
    void theFirstGoesAndTheOthersAreGivenSlotsAnIntervalApart() {
        Instant now = clock.instant();

        assertThat(take(PACE, false)).isNull();
        for (int nth = 1; nth <= 10; nth++) {
            assertThat(take(PACE, false)).isEqualTo(now.plusMillis(220L * nth));
        }
        assertThat(take(HostPace.of("b.example", 5, 4), false)).isNull();
    }

    @Test
    void whoComesOnItsSlotGoesAndANewcomerStandsBehindAllWhoHaveOne() {
        Instant now = clock.instant();
        assertThat(take(PACE, false)).isNull();
        assertThat(take(PACE, false)).isEqualTo(now.plusMillis(220));
        assertThat(take(PACE, false)).isEqualTo(now.plusMillis(440));

        clock.advance(Duration.ofMillis(220));
        assertThat(take(PACE, false)).isEqualTo(now.plusMillis(660));
        assertThat(take(PACE, true)).isNull();
        clock.advance(Duration.ofMillis(300));
        assertThat(take(PACE, true)).isNull();
        clock.advance(Duration.ofMillis(140));
        assertThat(take(PACE, true)).isNull();
    }

    @Test
    void whoIsLateGoesIfNobodyWentMeanwhileAndBooksAnewIfSomebodyDid() {
        assertThat(take(PACE, false)).isNull();
        assertThat(take(PACE, false)).isNotNull();
        assertThat(take(PACE, false)).isNotNull();
        Instant third = Objects.requireNonNull(take(PACE, false));

        clock.advance(Duration.ofMillis(440));
        assertThat(take(PACE, true)).as("the first of them, a slot too late").isNull();
        clock.advance(Duration.ofMillis(40));
        assertThat(take(PACE, true)).as("the second, just behind it").isEqualTo(third.plusMillis(220));
        clock.advance(Duration.ofMillis(180));
        assertThat(take(PACE, true)).as("the third, in time").isNull();
    }

    @ParameterizedTest
    @CsvSource({"5, 0", "5, 90", "5, 400", "5, 4000", "1, 300", "20, 1000", "0.5, 5000"})
    void howeverLateRequestsComeTheHostIsAskedInItsPaceAndEveryRequestGoesAtLast(double rate, int latest) {
        HostPace pace = HostPace.of("a.example", rate, 1_000);
        int lanes = 12;
        int requestsEach = 8;
        Random random = new Random(42);
        Instant begin = clock.instant();
        PriorityQueue<Comer> queue = new PriorityQueue<>(Comparator.comparing(Comer::at));
        for (int lane = 0; lane < lanes; lane++) {
            queue.add(new Comer(begin, false, requestsEach));
        }
        List<Instant> sent = new ArrayList<>();

        for (int visits = 0; !queue.isEmpty(); visits++) {
            assertThat(visits).as("visits").isLessThan(lanes * requestsEach * 40);
            Comer comer = queue.remove();
            if (comer.at().isAfter(clock.instant())) {
                clock.advance(Duration.between(clock.instant(), comer.at()));
            }
            Instant slot = take(pace, comer.booked());
            if (slot != null) {
                queue.add(new Comer(late(slot, latest, random), true, comer.left()));
            } else {
                sent.add(clock.instant());
                if (comer.left() > 1) {
                    queue.add(new Comer(late(clock.instant(), latest, random), false, comer.left() - 1));
                }
            }
        }

        assertThat(sent).hasSize(lanes * requestsEach);
        int most = Math.max(1, (int) rate);
        long window = (long) (most / rate * 1_000_000);
        for (int i = most; i < sent.size(); i++) {
            assertThat(ChronoUnit.MICROS.between(sent.get(i - most), sent.get(i)))
                    .as("time of %d requests and the next one", most)
                    .isGreaterThanOrEqualTo(window);
        }
        Duration apart = pace.interval().minus(HostPace.TOLERANCE);
        for (int i = 1; i < sent.size() && !apart.isNegative(); i++) {
            assertThat(Duration.between(sent.get(i - 1), sent.get(i))).isGreaterThanOrEqualTo(apart);
        }
    }

    private record Comer(Instant at, boolean booked, int left) {}

    private static Instant late(Instant slot, int latest, Random random) {
        return slot.plusMillis(random.nextInt(latest + 1));
    }

    @Test
    void ofManyAtOnceOneGoesAndNoTwoAreGivenTheSameSlot() throws Exception {
        int many = 40;
        List<Callable<String>> comers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            comers.add(() -> String.valueOf(take(PACE, false)));
        }
        List<String> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
            for (Future<String> answer : threads.invokeAll(comers)) {
                answers.add(answer.get());
            }
        }
        assertThat(answers).doesNotHaveDuplicates().contains("null");
        assertThat(answers)
                .contains(clock.instant().plusMillis(220L * (many - 1)).toString());
    }

    @Test
    void onlySoManyAreUnderWayUntilOneEndsOrRunsOut() {
        HostPace two = HostPace.of("a.example", 5, 2);
        String first = lease(two, false);
        clock.advance(Duration.ofSeconds(1));
        lease(two, false);
        clock.advance(Duration.ofSeconds(1));

        assertThat(take(two, false))
                .as("it looks again soon")
                .isEqualTo(clock.instant().plusMillis(250));
        clock.advance(Duration.ofSeconds(1));
        assertThat(take(two, true)).isNotNull();
        hosts.release(two, first);
        clock.advance(Duration.ofSeconds(1));
        lease(two, true);
        assertThat(take(two, false)).isNotNull();

        clock.advance(TIMEOUT.plusSeconds(16));
        lease(two, true);
        clock.advance(Duration.ofSeconds(1));
        lease(two, false);
        clock.advance(Duration.ofSeconds(1));
        assertThat(take(two, false)).as("a third at once").isNotNull();
    }

    @Test
    void nobodyGoesWhileAHostIsToBeLeftAloneAndAfterwardsTheyComeOneByOne() {
        assertThat(take(PACE, false)).isNull();
        assertThat(take(PACE, false)).isNotNull();
        Instant until = clock.instant().plusSeconds(20);
        hosts.hold(PACE, until);
        hosts.hold(PACE, until.minusSeconds(10));

        clock.advance(Duration.ofMillis(220));
        assertThat(take(PACE, true)).isEqualTo(until);
        assertThat(take(PACE, false)).isEqualTo(until.plusMillis(220));
        clock.advance(Duration.between(clock.instant(), until));
        assertThat(take(PACE, true)).isNull();
        assertThat(take(PACE, true)).isEqualTo(until.plusMillis(440));
    }

    @Test
    void aHostThatNobodyHasAskedYetCanBeHeld() {
        hosts.hold(PACE, clock.instant().plusSeconds(5));

        assertThat(take(PACE, false)).isEqualTo(clock.instant().plusSeconds(5));
    }

    @Test
    void slotsAreBookedAMinuteAheadAtMost() {
        Instant last = clock.instant();
        for (int i = 0; i < 400; i++) {
            Instant slot = take(PACE, false);
            last = slot == null ? last : slot;
        }
        assertThat(last).isEqualTo(clock.instant().plusSeconds(60));

        HostPace slow = HostPace.of("slow.example", 0.02, 4);
        for (int i = 0; i < 6; i++) {
            Instant slot = take(slow, false);
            last = slot == null ? last : slot;
        }
        assertThat(last).isEqualTo(clock.instant().plus(slow.interval().multipliedBy(3)));
    }

    @Test
    void idleClocksAreForgottenAndNothingElse() {
        HostPace leased = HostPace.of("leased.example", 5, 4);
        HostPace held = HostPace.of("held.example", 5, 4);
        String lease = lease(leased, false);
        hosts.release(PACE, lease(HostPace.of("a.example", 5, 4), false));
        hosts.hold(held, clock.instant().plusSeconds(60));
        hosts.forgetIdle();
        assertThat(clocks()).containsExactly("a.example", "held.example", "leased.example");

        clock.advance(Duration.ofSeconds(1));
        lookAgain();
        assertThat(clocks()).containsExactly("held.example", "leased.example");
        hosts.release(leased, lease);
        lookAgain();
        assertThat(clocks()).containsExactly("held.example");
    }

    @Test
    void clocksInUseAreLookedAtAgainAfterFiveMinutes() {
        take(PACE, false);
        hosts.forgetIdle();
        clock.advance(Duration.ofMinutes(4));
        hosts.forgetIdle();
        assertThat(clocks()).containsExactly("a.example");

        clock.advance(Duration.ofMinutes(1));
        hosts.forgetIdle();
        assertThat(clocks()).isEmpty();
    }

    /** As after five minutes, at this time. */
    private void lookAgain() {
        DATABASE.jdbc().sql("UPDATE host_clock SET sweep_at = '-infinity'").update();
        hosts.forgetIdle();
    }

    @Test
    void aUrlThatIsRefusedHasNoPace() {
        assertThat(hosts.paceOf("http://user@a.example/", true)).isNull();
        assertThat(hosts.paceOf("http://0x7f.1/", true)).isNull();
        assertThat(Objects.requireNonNull(hosts.paceOf("http://127.0.0.1:9/", true))
                        .limited())
                .isFalse();
    }

    private List<String> clocks() {
        return DATABASE.jdbc()
                .sql("SELECT host FROM host_clock ORDER BY host")
                .query(String.class)
                .list();
    }

    /** The slot that is booked, or null when it may go. */
    private @Nullable Instant take(HostPace pace, boolean booked) {
        return switch (hosts.take(pace, booked, TIMEOUT)) {
            case Turn.Now now -> null;
            case Turn.Later later -> later.slot();
        };
    }

    private String lease(HostPace pace, boolean booked) {
        Turn turn = hosts.take(pace, booked, TIMEOUT);
        assertThat(turn).isInstanceOf(Turn.Now.class);
        return Objects.requireNonNull(((Turn.Now) turn).lease());
    }
}
