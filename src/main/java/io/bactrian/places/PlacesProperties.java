package io.bactrian.places;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where places are searched.
 *
 * @param defaultProvider the provider of searches that name none
 */
@ConfigurationProperties("bactrian.places")
public record PlacesProperties(
        @DefaultValue("google-maps") String defaultProvider,
        @DefaultValue GoogleMaps googleMaps,
        @DefaultValue Openstreetmap openstreetmap) {
    private static final int FASTEST = 1_000;

    /**
     * Google Maps, searched in a browser.
     *
     * @param baseUrl the site's address, to which {@code /maps/search/…} is added
     * @param site the file that says what the site's pages look like
     * @param respectRobotsTxt whether the site's robots.txt decides over each page
     * @param proxyPool the pool of {@code bactrian.proxies.pools} that its pages are requested through, or null to request
     *     them directly
     */
    public record GoogleMaps(
            @DefaultValue("https://www.google.com") URI baseUrl,
            @DefaultValue("config/places/google-maps.yaml") Path site,
            @DefaultValue("true") boolean respectRobotsTxt,
            @Nullable String proxyPool) {}

    /**
     * OpenStreetMap, searched through its public APIs.
     *
     * @param nominatimUrl the address of Nominatim's API, to which {@code /search} is added
     * @param overpassUrl the address of Overpass's {@code interpreter}
     * @param ownRequestsPerSecond how often each of them is asked where it is not the public one, which is asked once a second
     * @param ownRequestsAtOnce how many requests may be under way to each of them where it is not the public one
     */
    public record Openstreetmap(
            @DefaultValue("https://nominatim.openstreetmap.org")
            URI nominatimUrl,

            @DefaultValue("https://overpass-api.de/api/interpreter")
            URI overpassUrl,

            @DefaultValue("1") double ownRequestsPerSecond,
            @DefaultValue("1") int ownRequestsAtOnce) {
        public Openstreetmap {
            if (!(ownRequestsPerSecond > 0) || ownRequestsPerSecond > FASTEST) {
                throw new IllegalArgumentException(
                        "bactrian.places.openstreetmap.own-requests-per-second must be above 0 and at most %d, and is %s."
                                .formatted(FASTEST, ownRequestsPerSecond));
            }
            if (ownRequestsAtOnce < 1) {
                throw new IllegalArgumentException(
                        "bactrian.places.openstreetmap.own-requests-at-once must be at least 1, and is %d."
                                .formatted(ownRequestsAtOnce));
            }
        }
    }
}
