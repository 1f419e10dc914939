package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Five tasks, created in the order alpha, bravo, charlie, delta, echo, each in another state. */
@ExtendWith(RunningService.class)
class TaskListTest {
    private final Account account;
    private final Gate gate = new Gate();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    TaskListTest(Service service) {
        this.account = service.register();
    }

    @BeforeEach
    void createTasks() {
        site.on("/ok", Behaviours.page("<h1>Fine</h1>")).on("/gated", gate.before(Behaviours.page("<h1>Open</h1>")));
        account.awaitEnd(account.create(TaskRequest.simple(site.url("/ok")).named("alpha completed")));
        account.awaitEnd(
                account.create(TaskRequest.bulk(List.of(site.url("/gone"))).named("bravo failed 100%")));
        account.create(TaskRequest.simple(site.url("/gated")).named("charlie running"));
        account.create(TaskRequest.bulk(List.of(site.url("/gated"))).named("delta RUNNING_2"));
        await().until(() -> names("?status=running").size() == 2);
        account.create(TaskRequest.simple(site.url("/ok")).named("echo pending"));
    }

    @AfterEach
    void closeSite() {
        gate.open();
        site.close();
    }

    @Test
    void theNewestComesFirstUnlessSortedOtherwise() {
        assertThat(names("")).containsExactly("echo", "delta", "charlie", "bravo", "alpha");
        assertThat(names("?sort_order=asc")).containsExactly("alpha", "bravo", "charlie", "delta", "echo");
        assertThat(names("?sort_by=created_at&sort_order=desc"))
                .containsExactly("echo", "delta", "charlie", "bravo", "alpha");
        assertThat(names("?sort_by=name")).containsExactly("echo", "delta", "charlie", "bravo", "alpha");
        assertThat(names("?sort_by=name&sort_order=asc")).containsExactly("alpha", "bravo", "charlie", "delta", "echo");
        assertThat(statuses("?sort_by=status&sort_order=asc"))
                .containsExactly("completed", "failed", "pending", "running", "running");
    }

    @Test
    void aChangedTaskIsTheLatestUpdated() {
        String alpha = id("?name_contains=echo");
        account.put("/tasks/" + alpha, TaskRequest.parse("{\"description\": \"changed\"}"))
                .expect(200);

        assertThat(names("?sort_by=updated_at")).startsWith("echo");
        assertThat(names("?sort_by=updated_at&sort_order=asc")).endsWith("echo");
    }

    @Test
    void filtersTakeOneValueOrSeveralInEitherNotation() {
        assertThat(names("?status=completed")).containsExactly("alpha");
        assertThat(names("?status=failed&status=pending")).containsExactly("echo", "bravo");
        assertThat(names("?status=failed,pending")).containsExactly("echo", "bravo");
        assertThat(names("?status=failed%2Cpending")).containsExactly("echo", "bravo");
        assertThat(names("?status=cancelled")).isEmpty();
        assertThat(names("?task_type=bulk_scraping")).containsExactly("delta", "bravo");
        assertThat(names("?task_type=bulk_scraping,simple_scraping")).hasSize(5);
        assertThat(names("?task_type=bulk_scraping&status=running")).containsExactly("delta");
    }

    @Test
    void namesAreSearchedInAnyCaseAndLiterally() {
        assertThat(names("?name_contains=RUNNING")).containsExactly("delta", "charlie");
        assertThat(names("?name_contains=0%25")).containsExactly("bravo");
        assertThat(names("?name_contains=g_2")).containsExactly("delta");
        assertThat(names("?name_contains=charlie+run")).containsExactly("charlie");
        assertThat(names("?name_contains=%27%3B--")).isEmpty();
    }

    @Test
    void timesOfCreationAreLimits() {
        String bravo =
                list("?name_contains=bravo").json().path(0).path("created_at").asText();
        String delta =
                list("?name_contains=delta").json().path(0).path("created_at").asText();

        assertThat(names("?created_after=" + delta)).containsExactly("echo");
        assertThat(names("?created_before=" + bravo)).containsExactly("alpha");
        assertThat(names("?created_after=" + bravo + "&created_before=" + delta))
                .containsExactly("charlie");
        assertThat(names("?created_after=2020-01-01")).hasSize(5);
        assertThat(names("?created_before=2020-01-01T00:00:00%2B02:00")).isEmpty();
    }

    @Test
    void pagesAreLinkedAndCounted() {
        Reply second = list("?page=2&page_size=2&sort_by=name&sort_order=asc&status=completed,failed,running,pending");

        assertThat(second.header("X-Total-Count")).isEqualTo("5");
        assertThat(second.json()).hasSize(2);
        assertThat(second.json().path(0).path("name").asText()).startsWith("charlie");
        String link = String.valueOf(second.header("Link"));
        assertThat(names(target(link, "first"))).containsExactly("alpha", "bravo");
        assertThat(names(target(link, "prev"))).containsExactly("alpha", "bravo");
        assertThat(names(target(link, "next"))).containsExactly("echo");
        assertThat(names(target(link, "last"))).containsExactly("echo");
        assertThat(list(target(link, "last")).header("X-Total-Count")).isEqualTo("5");
        assertThat(String.valueOf(list(target(link, "last")).header("Link"))).doesNotContain("next");
        assertThat(list("?page=9&page_size=2").expect(200).json()).isEmpty();
        assertThat(list("").header("Link")).isNull();
    }

    @Test
    void theListHasOnlyTheAccountsOwnTasks(Service service) {
        Reply reply = service.register().get("/tasks").expect(200);

        assertThat(reply.json()).isEqualTo(TaskRequest.parse("[]"));
        assertThat(reply.header("X-Total-Count")).isEqualTo("0");
    }

    private Reply list(String query) {
        return account.get("/tasks" + query).expect(200);
    }

    private List<String> names(String query) {
        List<String> names = new ArrayList<>();
        for (JsonNode task : list(query).json()) {
            names.add(task.path("name").asText().split(" ", 2)[0]);
        }
        return names;
    }

    private List<String> statuses(String query) {
        List<String> statuses = new ArrayList<>();
        list(query).json().forEach(task -> statuses.add(task.path("status").asText()));
        return statuses;
    }

    private String id(String query) {
        return list(query).json().path(0).path("id").asText();
    }

    private static String target(String link, String relation) {
        Matcher matcher =
                Pattern.compile("</tasks([^>]*)>; rel=\"" + relation + "\"").matcher(link);
        assertThat(matcher.find()).as(link).isTrue();
        return matcher.group(1);
    }
}
