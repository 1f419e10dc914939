package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SamplePlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The service is killed amid a search for places, several times: the search goes on, lists no place twice, and is paid for
 * once.
 *
 * <p>The number of places is {@code bactrian.test.places}, by default 60.
 */
class JobCrashTest {
    private static final int PLACES = Integer.getInteger("bactrian.test.places", 60);
    private static final int KILLS = 2;
    private static final int CREDITS = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aSearchThatIsKilledAgainAndAgainFindsEachPlaceOnceAndIsChargedOnce() {
        try (SampleMap map = SampleMap.open(0);
                ServiceProcess service = new ServiceProcess("job-crashes")
                        .with(
                                "BACTRIAN_PLACES_GOOGLEMAPS_BASEURL",
                                map.address().toString())
                        .with("BACTRIAN_PLANS_SIGNUPCREDITS", Integer.toString(CREDITS));
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            JsonNode body = JSON.createObjectNode()
                    .put("searchTerms", "coffee")
                    .put("location", SampleMap.CITY)
                    .put("maxResults", PLACES);
            String path = "/scrape/jobs/"
                    + client.post("/scrape", key, body, 201).path("jobId").asText();

            for (int kill = 1; kill <= KILLS; kill++) {
                int visited = PLACES * kill / (KILLS + 1);
                await("%d places were visited".formatted(visited))
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> map.placePages() >= visited);
                service.kill();
                service.start();
            }

            JsonNode job = await("the job has ended")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(200))
                    .until(
                            () -> client.get(path, key).path("job"),
                            now -> !Set.of("queued", "running")
                                    .contains(now.path("status").asText()));
            assertThat(job.path("status").asText())
                    .as(job.path("error").asText())
                    .isEqualTo("completed");
            List<String> ids = new ArrayList<>();
            job.path("results").forEach(place -> ids.add(place.path("placeId").asText()));
            assertThat(ids).hasSize(PLACES).doesNotHaveDuplicates();
            assertThat(map.places("coffee").stream().map(SamplePlace::placeId).collect(Collectors.toSet()))
                    .containsAll(ids);
            assertThat(job.path("result_count").asInt()).isEqualTo(PLACES);
            assertThat(job.path("credits_used").asInt()).isEqualTo(PLACES);
            assertThat(client.get("/credits", key).at("/balance/available").asInt())
                    .isEqualTo(CREDITS - PLACES);
            Books.areClosed(service);
            service.terminate();
        }
    }
}
