package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.OpenstreetmapOrigin;
import io.bactrian.origin.OpenstreetmapOrigin.Feature;
import io.bactrian.origin.OpenstreetmapOrigin.Town;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Searches of OpenStreetMap over HTTP, without a browser, and the websites of the places found. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenstreetmapJobsTest {
    private final Service service;
    private final OpenstreetmapOrigin map;
    private final Town town;
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on(
                    "/",
                    Behaviours.page(
                            "<h1>Café</h1><a href='/contact'>Contact</a><a href='https://www.facebook.com/cafe'>f</a>"))
            .on("/contact", Behaviours.page("<p>Write to <a href='mailto:Hello@cafe-larnaca.com'>us</a>.</p>"));

    OpenstreetmapJobsTest(Service service, OpenstreetmapOrigin map) {
        this.service = service;
        this.map = map;
        this.town = map.addTown("Larnaca", 77, 34.9, 33.6, "CY");
    }

    @AfterAll
    void closeSite() {
        site.close();
    }

    @Test
    void placesAndTheirContactsAreFoundWithinTheUsagePolicies() {
        map.addCafes(town, 30);
        map.add(new Feature(
                "way",
                5,
                town.latitude(),
                town.longitude(),
                Map.of("amenity", "cafe", "name", "Café with a site", "website", site.url("/"))));
        Account account = service.register();
        String id = account.search("""
                {"searchTerms": "cafe", "location": "Larnaca", "provider": "openstreetmap", "maxResults": 40,
                 "enrich": ["emails"]}""");

        JsonNode job = account.awaitJob(id);

        assertThat(job.path("status").asText()).as(job.path("error").asText()).isEqualTo("completed");
        assertThat(job.path("result_count").asInt()).isEqualTo(31);
        assertThat(account.credits()).isEqualTo(69);
        JsonNode place = null;
        for (JsonNode result : job.path("results")) {
            assertThat(result.path("placeId").asText()).startsWith("osm:");
            assertThat(result.path("totalReviewScore").isNull()).isTrue();
            place = result.path("placeId").asText().equals("osm:way/5") ? result : place;
        }
        assertThat(place).isNotNull();
        assertThat(place.path("emails").toString()).isEqualTo("[\"hello@cafe-larnaca.com\"]");
        assertThat(place.at("/socialLinks/facebook").asText()).contains("facebook.com/cafe");
        assertThat(map.complaints()).isEmpty();
    }

    @Test
    void aLocationThatNobodyKnowsFailsTheJobWhichCostsNothing() {
        Account account = service.register();

        JsonNode job = account.awaitJob(account.search(
                "{\"searchTerms\": \"cafe\", \"location\": \"Atlantis\", \"provider\": \"openstreetmap\"}"));

        assertThat(job.path("status").asText()).isEqualTo("failed");
        assertThat(job.path("error").asText()).contains("Atlantis");
        assertThat(account.credits()).isEqualTo(100);
    }
}
