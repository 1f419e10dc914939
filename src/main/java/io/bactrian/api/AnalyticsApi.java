package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Caller;
import io.bactrian.analytics.Analytics;
import io.bactrian.analytics.Dashboard;
import io.bactrian.analytics.Usage;
import io.bactrian.analytics.UsagePeriod;
import io.bactrian.api.contract.Parameters;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Selextract's operations that count what an account does and uses. */
@Component
public class AnalyticsApi {
    private final Analytics analytics;
    private final Ledger ledger;
    private final Plans plans;

    AnalyticsApi(Analytics analytics, Ledger ledger, Plans plans) {
        this.analytics = analytics;
        this.ledger = ledger;
        this.plans = plans;
    }

    private record UsageView(
            String period,
            @JsonProperty("start_date") Instant startDate,
            @JsonProperty("end_date") Instant endDate,
            @JsonProperty("total_tasks") long totalTasks,
            @JsonProperty("completed_tasks") long completedTasks,
            @JsonProperty("failed_tasks") long failedTasks,
            @JsonProperty("compute_units_consumed") long computeUnitsConsumed,
            @JsonProperty("compute_units_limit") long computeUnitsLimit,
            @JsonProperty("top_task_types") List<Usage.TypeCount> topTaskTypes) {}

    public Answer usage(ApiCall call) {
        Caller caller = call.caller();
        Parameters parameters = call.parameters();
        UsagePeriod period =
                UsagePeriod.valueOf(String.valueOf(parameters.text("period")).toUpperCase(Locale.ROOT));
        Usage usage =
                analytics.usage(caller.accountId(), period, parameters.date("start_date"), parameters.date("end_date"));
        return Answer.ok(new UsageView(
                period.name().toLowerCase(Locale.ROOT),
                usage.start(),
                usage.end(),
                usage.tasks(),
                usage.completed(),
                usage.failed(),
                usage.computeUnits(),
                plans.selextract(caller.selextractPlan()).computeUnitsLimit(),
                usage.types()));
    }

    private record RecentTaskView(
            UUID id,
            String name,
            String status,
            @JsonProperty("created_at") Instant createdAt) {}

    private record DashboardView(
            @JsonProperty("active_tasks") long activeTasks,
            @JsonProperty("completed_tasks_today") long completedTasksToday,
            @JsonProperty("compute_units_used_today") long computeUnitsUsedToday,
            @JsonProperty("compute_units_remaining") long computeUnitsRemaining,
            @JsonProperty("success_rate") double successRate,
            @JsonProperty("recent_tasks") List<RecentTaskView> recentTasks) {}

    public Answer dashboard(ApiCall call) {
        Dashboard dashboard = analytics.dashboard(call.accountId());
        return Answer.ok(new DashboardView(
                dashboard.active(),
                dashboard.completedToday(),
                dashboard.computeUnitsToday(),
                ledger.balance(call.accountId(), Currency.COMPUTE_UNITS).available(),
                dashboard.successRate(),
                dashboard.recent().stream()
                        .map(task -> new RecentTaskView(
                                task.id(), task.name(), task.status(), TaskView.millis(task.createdAt())))
                        .toList()));
    }
}
