package io.bactrian.webhook;

import io.bactrian.event.EventType;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What an event of each kind looks like, for endpoints that are tried out. */
final class SampleEvents {
    private static final String JOB = "job_1000000000000";
    private static final String TASK = "00000000-0000-4000-8000-000000000000";
    private static final String PAGE = "https://example.com/product";

    private SampleEvents() {}

    /**
     * Made-up data, with {@code "test": true}.
     *
     * @param account whose the endpoint is, as Selextract's clients know it
     * @param number the same, as MapScraper's clients know it
     */
    static Map<String, Object> data(EventType type, Instant at, UUID account, long number) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("test", true);
        switch (type) {
            case JOB_COMPLETED -> job(data, number, 2);
            case JOB_FAILED, JOB_CANCELLED -> {
                job(data, number, 0);
                data.put("error", "This is a test.");
            }
            case TASK_COMPLETED -> task(data, account, "completed");
            case TASK_FAILED -> task(data, account, "failed");
            case TASK_CANCELLED -> task(data, account, "cancelled");
            case MONITOR_CHANGED -> {
                monitor(data, account);
                data.put(
                        "changes",
                        List.of(Map.of("selector", "price", "old", "100.00", "new", "105.00", "difference", 0.05)));
                data.put("checkedAt", at.toString());
            }
            case MONITOR_FAILED -> {
                monitor(data, account);
                data.put(
                        "errors",
                        List.of(Map.of("selector", "price", "code", "missing", "message", "This is a test.")));
                data.put("failedChecks", 3);
                data.put("checkedAt", at.toString());
            }
            case SEARCH_COMPLETED -> {
                data.put("searchId", 1);
                data.put("name", "A test");
                data.put("jobId", JOB);
                data.put("userId", number);
                data.put("resultCount", 2);
                data.put("newCount", 1);
                data.put("places", List.of(Map.of("name", "A test", "placeId", "test")));
                data.put("more", 0);
                data.put("scheduledFor", at.toString());
            }
            case SUBSCRIPTION_UPDATED -> {
                data.put("userId", account.toString());
                data.put("subscriptionId", "sub_" + TASK);
                data.put("api", "selextract");
                data.put("planId", "professional");
                data.put("status", "active");
                data.put("currentPeriodEnd", at.toString());
                data.put("cancelAtPeriodEnd", false);
            }
            case CREDITS_PURCHASED -> {
                data.put("userId", number);
                data.put("packageId", "small");
                data.put("credits", 500);
                data.put("amount", new BigDecimal("19.00"));
                data.put("currency", "USD");
            }
            case CREDITS_LOW -> {
                data.put("currency", "credits");
                data.put("available", 9);
                data.put("lastGrant", 100);
                data.put("userId", number);
            }
        }
        return data;
    }

    private static void job(Map<String, Object> data, long number, int places) {
        data.put("jobId", JOB);
        data.put("userId", number);
        data.put("resultCount", places);
        data.put("creditsUsed", places);
        data.put("params", Map.of("searchTerms", "coffee", "location", "Zurich"));
    }

    private static void task(Map<String, Object> data, UUID account, String status) {
        int rows = status.equals("completed") ? 1 : 0;
        data.put("taskId", TASK);
        data.put("userId", account.toString());
        data.put("name", "A test");
        data.put("taskType", "simple_scraping");
        data.put("status", status);
        data.put("resultUrl", "/tasks/" + TASK + "/download");
        data.put("computeUnitsConsumed", 5 * rows);
        data.put("rows", rows);
        data.put("failedRows", 0);
    }

    private static void monitor(Map<String, Object> data, UUID account) {
        data.put("taskId", TASK);
        data.put("userId", account.toString());
        data.put("url", PAGE);
    }
}
