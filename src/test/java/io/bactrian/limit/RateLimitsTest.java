package io.bactrian.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SettableClock clock = new SettableClock();
    private final UUID account = UUID.randomUUID();
    private final RateLimits node = node(Map.of(), Map.of());

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    private RateLimits node(
            Map<RateLimitClass, RateLimitProperties.Limit> limits, Map<RateLimitClass, Long> professional) {
        Map<String, PlanRateLimits.PlanLimits> plans =
                Map.of("professional", new PlanRateLimits.PlanLimits(professional));
        return new RateLimits(
                new RateLimitProperties(true, MINUTE, limits),
                new PlanRateLimits(plans, Map.of()),
                new BucketStore(DATABASE.jdbc(), clock),
                clock);
    }

    private static Map<RateLimitClass, RateLimitProperties.Limit> general(
            long user, @Nullable Long key, @Nullable Long address) {
        return Map.of(RateLimitClass.GENERAL, new RateLimitProperties.Limit(user, key, address));
    }

    private RateLimitVerdict call(RateLimits limits, @Nullable String key) {
        return limits.ofAccount(RateLimitClass.GENERAL, account, key == null ? null : account + key, "free");
    }

    private static int admitted(int calls, Callable<RateLimitVerdict> call) throws Exception {
        int admitted = 0;
        for (int i = 0; i < calls; i++) {
            admitted += call.call().admitted() ? 1 : 0;
        }
        return admitted;
    }

    @ParameterizedTest
    @CsvSource({"AUTHENTICATION, 10", "TASK_CREATION, 30", "GENERAL, 100", "BILLING, 5", "MAPSCRAPER, 60", "HEALTH, 600"
    })
    void aClassHasTheDocumentedNumberOfCallsAMinute(RateLimitClass name, int calls) throws Exception {
        assertThat(admitted(calls, () -> node.ofAccount(name, account, null, "free")))
                .isEqualTo(calls);

        RateLimitVerdict next = node.ofAccount(name, account, null, "free");

        assertThat(next.admitted()).isFalse();
        assertThat(next.limit()).isEqualTo(calls);
        assertThat(next.remaining()).isZero();
        assertThat(next.retryAfter()).isEqualTo(MINUTE.dividedBy(calls));
        assertThat(next.full()).isEqualTo(clock.instant().plus(MINUTE));
    }

    @Test
    void whatIsUsedOfOneClassLeavesTheOthersAsTheyAre() throws Exception {
        admitted(5, () -> node.ofAccount(RateLimitClass.BILLING, account, null, "free"));

        assertThat(node.ofAccount(RateLimitClass.BILLING, account, null, "free").admitted())
                .isFalse();
        assertThat(call(node, null).remaining()).isEqualTo(99);
    }

    @Test
    void callsComeBackOneByOne() throws Exception {
        admitted(100, () -> call(node, null));

        clock.advance(Duration.ofMillis(599));
        assertThat(call(node, null).admitted()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(call(node, null).admitted()).isTrue();
        assertThat(call(node, null).admitted()).isFalse();
        clock.advance(MINUTE);
        assertThat(call(node, null).remaining()).isEqualTo(99);
    }

    @Test
    void aKeyAndItsAccountAreCountedApart() throws Exception {
        RateLimits limits = node(general(10, 4L, null), Map.of());

        assertThat(admitted(6, () -> call(limits, "one"))).isEqualTo(4);
        assertThat(admitted(6, () -> call(limits, "other"))).isEqualTo(4);
        // What the keys' limits refused has cost the account nothing.
        assertThat(admitted(6, () -> call(limits, null))).isEqualTo(2);
    }

    @Test
    void theBucketThatHasLessLeftIsTold() {
        RateLimits limits = node(general(10, 4L, null), Map.of());

        RateLimitVerdict key = call(limits, "one");
        assertThat(List.of(key.limit(), key.remaining())).containsExactly(4L, 3L);
        for (int i = 0; i < 8; i++) {
            call(limits, null);
        }
        RateLimitVerdict ofAccount = call(limits, "one");
        assertThat(ofAccount.admitted()).isTrue();
        assertThat(List.of(ofAccount.limit(), ofAccount.remaining())).containsExactly(10L, 0L);
    }

    @Test
    void aPlanMayHaveLimitsOfItsOwn() {
        RateLimits limits = node(Map.of(), Map.of(RateLimitClass.GENERAL, 300L));

        assertThat(limits.ofAccount(RateLimitClass.GENERAL, account, "one", "professional")
                        .limit())
                .isEqualTo(300);
        assertThat(limits.ofAccount(RateLimitClass.BILLING, account, "one", "professional")
                        .limit())
                .isEqualTo(5);
        // The other API's plans have nothing to do with it.
        assertThat(limits.ofAccount(RateLimitClass.MAPSCRAPER, account, "one", "professional")
                        .limit())
                .isEqualTo(60);
    }

    @Test
    void aChangedLimitHoldsForBucketsThatAreInUse() throws Exception {
        admitted(50, () -> call(node, null));

        RateLimits raised = node(general(200, null, null), Map.of());
        assertThat(call(raised, null).limit()).isEqualTo(200);
        assertThat(call(raised, null).remaining()).isEqualTo(98);
        RateLimits lowered = node(general(20, null, null), Map.of());
        assertThat(call(lowered, null).remaining()).isEqualTo(8);
        assertThat(admitted(20, () -> call(lowered, null))).isEqualTo(8);
    }

    @Test
    void addressesHaveANumberOfTheirOwn() throws Exception {
        RateLimits limits = node(general(10, null, 3L), Map.of());

        assertThat(admitted(9, () -> limits.ofAddress(RateLimitClass.GENERAL, "192.0.2.1")))
                .isEqualTo(3);
        assertThat(limits.ofAddress(RateLimitClass.GENERAL, "192.0.2.2").admitted())
                .isTrue();
    }

    @Test
    void everyTokenIsTakenOnceWhicheverNodeTakesIt() throws Exception {
        List<RateLimits> nodes = List.of(node, node(Map.of(), Map.of()), node(Map.of(), Map.of()));
        List<Callable<RateLimitVerdict>> calls = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            int number = i;
            calls.add(() -> call(nodes.get(number % 3), "key " + number % 5));
        }

        int admitted = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
            for (Future<RateLimitVerdict> verdict : threads.invokeAll(calls)) {
                admitted += verdict.get().admitted() ? 1 : 0;
            }
        }

        assertThat(admitted).isEqualTo(100);
    }

    @Test
    void anotherNodesCallsAreSeen() throws Exception {
        RateLimits other = node(Map.of(), Map.of());
        call(node, null);
        admitted(90, () -> call(other, null));

        assertThat(call(node, null).remaining()).isEqualTo(8);
    }

    @Test
    void aRefusalDoesNotAskTheDatabase() throws Exception {
        admitted(100, () -> call(node, "one"));
        String changed = DATABASE.jdbc()
                .sql("SELECT string_agg(xmin::text, ',' ORDER BY id) FROM rate_limit")
                .query(String.class)
                .single();

        assertThat(admitted(50, () -> call(node, "one"))).isZero();

        assertThat(DATABASE.jdbc()
                        .sql("SELECT string_agg(xmin::text, ',' ORDER BY id) FROM rate_limit")
                        .query(String.class)
                        .single())
                .isEqualTo(changed);
    }

    @Test
    void theHealthOfANodeIsCountedByTheNodeAlone() {
        RateLimits other = node(Map.of(), Map.of());

        assertThat(node.ofAddress(RateLimitClass.HEALTH, "192.0.2.9").remaining())
                .isEqualTo(599);
        assertThat(other.ofAddress(RateLimitClass.HEALTH, "192.0.2.9").remaining())
                .isEqualTo(599);
        assertThat(node.ofAddress(RateLimitClass.HEALTH, "192.0.2.9").remaining())
                .isEqualTo(598);
        assertThat(rows("health:%")).isZero();
    }

    @Test
    void bucketsThatAreFullAgainAreForgotten() {
        for (int i = 0; i < 30; i++) {
            node.ofAddress(RateLimitClass.BILLING, "198.51.100." + i);
        }
        assertThat(rows("billing:address:198.51.100.%")).isEqualTo(30);

        node.forgetFull();
        assertThat(rows("billing:address:198.51.100.%")).isEqualTo(30);
        clock.advance(Duration.ofMinutes(5));
        node.forgetFull();

        assertThat(rows("billing:address:198.51.100.%")).isZero();
        assertThat(node.ofAddress(RateLimitClass.BILLING, "198.51.100.1").remaining())
                .isEqualTo(4);
    }

    @Test
    void manyThousandsAreForgottenToo() {
        DATABASE.jdbc()
                .sql("INSERT INTO rate_limit SELECT 'many:' || n, '', 'epoch' FROM generate_series(1, 12000) n")
                .update();

        int batches = 1;
        while (node.forgetFull()) {
            batches++;
        }

        assertThat(rows("many:%")).isZero();
        assertThat(batches).as("batches of 1,000").isEqualTo(13);
    }

    @Test
    void whatALostTableHeldIsAFullBucket() throws Exception {
        admitted(40, () -> call(node, "one"));
        DATABASE.jdbc().sql("TRUNCATE rate_limit").update();

        assertThat(call(node, "one").remaining()).isEqualTo(99);
    }

    @Test
    void aLimitThatIsNoneIsRefusedWithItsName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> node(general(0, null, null), Map.of()))
                .withMessageContaining("bactrian.rate-limit.limits.general.user");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> node(Map.of(), Map.of(RateLimitClass.TASK_CREATION, 0L)))
                .withMessageContaining("bactrian.plans.selextract.professional.rate-limits.task-creation");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateLimitProperties(true, Duration.ZERO, Map.of()))
                .withMessageContaining("bactrian.rate-limit.period");
    }

    @Test
    void aWaitIsToldInWholeSecondsOneAtLeast() {
        assertThat(new RateLimitExceededException(Duration.ofNanos(1)).retryAfterSeconds())
                .isEqualTo(1);
        assertThat(new RateLimitExceededException(Duration.ofMillis(5_001)).retryAfterSeconds())
                .isEqualTo(6);
        assertThat(new RateLimitExceededException(Duration.ofSeconds(6)).retryAfterSeconds())
                .isEqualTo(6);
    }

    private static long rows(String pattern) {
        return DATABASE.jdbc()
                .sql("SELECT count(*) FROM rate_limit WHERE id LIKE ?")
                .param(pattern)
                .query(Long.class)
                .single();
    }
}
