package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tasks whose pages are requested through the service's proxies. */
@ExtendWith(RunningService.class)
class ProxiedTasksTest {
    private final Account account;
    private final UpstreamProxies proxies;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    ProxiedTasksTest(Service service, UpstreamProxies proxies) {
        this.account = service.register().onPlan("professional");
        this.proxies = proxies;
        site.on("/", Behaviours.page("<h1>Behind proxies</h1>"));
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void pagesTakeTheProxiesOfAPoolInTurn() {
        List<String> urls =
                IntStream.range(0, 6).mapToObj(page -> site.url("/")).toList();

        List<JsonNode> rows = account.rowsOf(TaskRequest.bulk(urls).config("proxy_rotation", "{\"pool\": \"both\"}"));

        assertThat(rows)
                .hasSize(6)
                .allSatisfy(row ->
                        assertThat(row.path("data").path("title").asText()).isEqualTo("Behind proxies"));
        assertThat(throughHttp())
                .as("requests that took this proxy, and not the other")
                .isEqualTo(3);
    }

    @Test
    void theBrowserGoesThroughThemToo() {
        JsonNode row = account.rowsOf(TaskRequest.advanced(site.url("/"))
                        .config("proxy_rotation", "{\"pool\": \"first\", \"per\": \"lane\"}"))
                .getFirst();

        assertThat(row.path("data").path("title").asText()).isEqualTo("Behind proxies");
        assertThat(throughHttp()).isPositive();
    }

    @Test
    void aPageForWhichNoProxyIsLeftSaysSo() {
        for (TaskRequest request : List.of(TaskRequest.simple(site.url("/")), TaskRequest.advanced(site.url("/")))) {
            JsonNode row = account.rowsOf(request.config("proxy_rotation", "{\"pool\": \"dead\"}")
                            .config("retry_attempts", "0"))
                    .getFirst();

            assertThat(row.path("error").path("code").asText()).isEqualTo("proxy_unavailable");
        }
        assertThat(site.requestsFor("/")).isEmpty();
    }

    private int throughHttp() {
        return (int) proxies.http().targets().stream()
                .filter(target -> target.contains(":" + site.port()))
                .count();
    }
}
