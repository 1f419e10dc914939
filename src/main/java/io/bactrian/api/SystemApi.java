package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.ops.HealthReport;
import io.bactrian.ops.MetricsReader;
import io.bactrian.ops.ServiceHealth;
import io.bactrian.ops.SystemMetrics;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Selextract's operations on the service itself: whether it works, and how much it has to do. */
@Component
public class SystemApi {
    private final ServiceHealth health;
    private final MetricsReader metrics;

    SystemApi(ServiceHealth health, MetricsReader metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    private record HealthView(
            String status,
            String version,
            Instant timestamp,
            String database,
            String redis,
            String celery,
            String broker,
            String workers,
            String disk,
            String browser,
            Map<String, Instant> schedules) {}

    /** The broker and the workers also under the names that the API's documentation has for the parts they play. */
    public Answer health(ApiCall call) {
        HealthReport report = health.report();
        String broker = word(report.broker());
        String workers = word(report.workers());
        return new Answer(
                report.healthy() ? 200 : 503,
                Map.of(),
                new Answer.Json(new HealthView(
                        word(report.healthy()),
                        report.version(),
                        TaskView.millis(report.checkedAt()),
                        word(report.database()),
                        broker,
                        workers,
                        broker,
                        workers,
                        word(report.disk()),
                        report.browser(),
                        millis(report.schedules()))));
    }

    private static Map<String, Instant> millis(Map<String, Instant> times) {
        Map<String, Instant> cut = new TreeMap<>();
        times.forEach((name, time) -> cut.put(name, TaskView.millis(time)));
        return cut;
    }

    private static String word(boolean healthy) {
        return healthy ? "healthy" : "unhealthy";
    }

    private record MetricsView(
            @JsonProperty("active_users") long activeUsers,
            @JsonProperty("total_tasks") long totalTasks,
            @JsonProperty("active_tasks") long activeTasks,
            @JsonProperty("queue_length") long queueLength,
            Instant timestamp) {}

    public Answer metrics(ApiCall call) {
        SystemMetrics now = metrics.read();
        return Answer.ok(new MetricsView(
                now.activeUsers(), now.totalTasks(), now.activeTasks(), now.queueLength(), TaskView.millis(now.at())));
    }
}
