package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.TestBroker;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two processes on one database and one broker ask a site together no faster than they may. */
class PolitenessOverNodesTest {
    private static final String LIMITED = "127.0.9.200";
    private static final int RATE = 5;

    /** Between the decision of a node and what the site sees lie three busy processes: one request may be late. */
    private static final int TOLERANCE = 1;

    private static final int TENANTS = 3;
    private static final int POLITE_PAGES = 20;
    private static final int FAST_PAGES = 60;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static ServiceProcess node(String name, TestBroker broker) {
        return new ServiceProcess(name)
                .with("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
                .with("SPRING_ARTEMIS_BROKER_URL", broker.url() + "?consumerWindowSize=0")
                .with("BACTRIAN_POLITENESS_HOSTS_0_HOST", LIMITED)
                .with("BACTRIAN_POLITENESS_HOSTS_0_REQUESTSPERSECOND", Integer.toString(RATE))
                .with("BACTRIAN_POLITENESS_HOSTS_0_CONCURRENTREQUESTS", "4");
    }

    private record Tenant(String key, String politeTask, String fastTask) {}

    @Test
    void aSiteIsAskedFiveTimesASecondByAllTenantsOfAllNodesWhileOthersAreAskedAtFullSpeed() {
        try (MisbehavingOrigin limited = MisbehavingOrigin.startAt(LIMITED);
                MisbehavingOrigin fast = MisbehavingOrigin.start();
                TestBroker broker = new TestBroker();
                ServiceProcess first = node("polite-first", broker);
                ServiceProcess second = node("polite-second", broker)
                        .with(
                                "SPRING_DATASOURCE_URL",
                                "jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres"
                                        .formatted(first.setting("BACTRIAN_POSTGRES_PORT")))) {
            limited.on("/page", Behaviours.page("<h1>Slowly</h1>"));
            fast.on("/page", Behaviours.page("<h1>At once</h1>"));
            broker.note("bactrian.lanes.html");
            first.start();
            second.start();
            try (ServiceClient client = new ServiceClient(first.address())) {
                List<String> polite = urls(limited, POLITE_PAGES);
                List<String> free = urls(fast, FAST_PAGES);
                List<Tenant> tenants = new ArrayList<>();
                for (int number = 0; number < TENANTS; number++) {
                    String key =
                            client.register("tenant" + number + "@example.com").key();
                    String politeTask = create(client, key, polite);
                    tenants.add(new Tenant(key, politeTask, create(client, key, free)));
                }

                for (Tenant tenant : tenants) {
                    client.awaitEnd(tenant.fastTask(), tenant.key(), LIMIT);
                }
                assertThat(tenants)
                        .as("the limited tasks are under way when the others have ended")
                        .allMatch(tenant -> client.get("/tasks/" + tenant.politeTask(), tenant.key())
                                .path("status")
                                .asText()
                                .equals("running"));
                for (Tenant tenant : tenants) {
                    JsonNode ended = client.awaitEnd(tenant.politeTask(), tenant.key(), LIMIT);
                    assertThat(ended.path("status").asText()).isEqualTo("completed");
                    assertThat(client.downloadedUrls(tenant.politeTask(), tenant.key()))
                            .isEqualTo(polite);
                    assertThat(client.pagesHad(tenant.politeTask(), tenant.key()))
                            .isEqualTo(POLITE_PAGES);
                    assertThat(client.pagesHad(tenant.fastTask(), tenant.key())).isEqualTo(FAST_PAGES);
                }
            }
            assertThat(limited.mostWithin(Duration.ofSeconds(1))).isLessThanOrEqualTo(RATE + TOLERANCE);
            assertThat(limited.requestsFor("/robots.txt"))
                    .as("each of the two nodes has asked the site")
                    .hasSize(2);
            assertThat(limited.requests()).as("no page was asked for twice").hasSize(2 + TENANTS * POLITE_PAGES);
            tokensOfBookedPagesOvertake(broker);
            second.terminate();
        }
    }

    private static void tokensOfBookedPagesOvertake(TestBroker broker) {
        assertThat(broker.noted()).isNotEmpty().allMatch(TestBroker.Sent::persistent);
        assertThat(broker.noted())
                .extracting(TestBroker.Sent::priority)
                .as("those of lanes that come on a slot, and others")
                .contains(9, 4)
                .containsOnly(9, 4);
    }

    private static String create(ServiceClient client, String key, List<String> urls) {
        return client.post("/tasks", key, ServiceClient.bulkTask(urls, 3), 201)
                .path("id")
                .asText();
    }

    private static List<String> urls(MisbehavingOrigin site, int count) {
        return IntStream.range(0, count).mapToObj(n -> site.url("/page?n=" + n)).toList();
    }
}
