package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class AdmissionTest {
    private final Service service;
    private final Account account;
    private final Visitors visitors = new Visitors();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private final List<Gate> gates = new ArrayList<>();

    AdmissionTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        gates.forEach(Gate::open);
        site.close();
    }

    @Test
    void aSmallTaskEndsWhileAnotherAccountsLargeOneRuns() {
        site.on("/large", visitors.page(Duration.ofMillis(50))).on("/small", Behaviours.page("<h1>Small</h1>"));
        Account other = service.register();
        String large = account.create(
                TaskRequest.bulk(Visitors.urls(site.url("/large"), 2_000)).config("parallel_requests", "64"));
        await().until(() -> visitors.all() > 20);

        String small = other.create(TaskRequest.simple(site.url("/small")));
        assertThat(other.awaitEnd(small).path("status").asText()).isEqualTo("completed");

        assertThat(account.listed(large).path("status").asText()).isEqualTo("running");
        account.delete("/tasks/" + large).expect(200);
    }

    @Test
    void aFreePlanRunsTwoTasksAndAdmitsTheOthersByPriorityThenAge() {
        Gated first = start(5);
        Gated second = start(5);
        await().until(() -> first.visited() && second.visited());
        Gated low = start(1);
        Gated middle = start(5);
        Gated later = start(5);
        Gated high = start(10);
        assertThat(status(low)).isEqualTo("pending");
        assertThat(status(high)).isEqualTo("pending");
        assertThat(account.listed(high.id()).path("started_at").isNull()).isTrue();

        finish(second);
        await().until(() -> high.visited());
        assertThat(status(middle)).isEqualTo("pending");
        finish(first);
        await().until(() -> middle.visited());
        assertThat(status(later)).isEqualTo("pending");
        finish(high);
        await().until(() -> later.visited());
        assertThat(status(low)).isEqualTo("pending");
        assertThat(low.visited()).isFalse();
        finish(middle);
        await().until(() -> low.visited());
        finish(later);
        finish(low);
    }

    @Test
    void aHigherPriorityLetsAWaitingTaskOvertake() {
        Gated first = start(5);
        Gated second = start(5);
        await().until(() -> first.visited() && second.visited());
        Gated third = start(5);
        Gated fourth = start(5);

        account.put("/tasks/" + fourth.id(), TaskRequest.parse("{\"priority\": 9}"))
                .expect(200);
        finish(first);

        await().until(() -> fourth.visited());
        assertThat(status(third)).isEqualTo("pending");
    }

    @Test
    void aBetterPlanLetsWhatWaitsBeginAtOnce() {
        Gated first = start(5);
        Gated second = start(5);
        await().until(() -> first.visited() && second.visited());
        Gated third = start(5);
        Gated fourth = start(5);
        assertThat(status(third)).isEqualTo("pending");

        SandboxPurchases.subscribed(account, "professional");

        await().until(() -> third.visited() && fourth.visited());
    }

    @Test
    void aCancelledTaskMakesRoomForTheNext() {
        Gated first = start(5);
        Gated second = start(5);
        await().until(() -> first.visited() && second.visited());
        Gated waiting = start(5);
        Gated cancelled = start(9);

        assertThat(account.delete("/tasks/" + cancelled.id()).expect(200).text())
                .contains("cancelled successfully");
        account.delete("/tasks/" + first.id()).expect(200);

        await().until(() -> waiting.visited());
        assertThat(cancelled.visited()).isFalse();
    }

    /** A task whose only page waits behind a gate. */
    private record Gated(String id, Gate gate) {
        boolean visited() {
            return gate.visited();
        }
    }

    private Gated start(int priority) {
        Gate gate = new Gate();
        String page = "/" + gates.size();
        gates.add(gate);
        site.on(page, gate.before(Behaviours.page("<h1>Open</h1>")));
        return new Gated(
                account.create(TaskRequest.simple(site.url(page)).with("priority", Integer.toString(priority))), gate);
    }

    private String status(Gated task) {
        return account.listed(task.id()).path("status").asText();
    }

    private void finish(Gated task) {
        task.gate().open();
        await().until(() -> status(task).equals("completed"));
    }
}
