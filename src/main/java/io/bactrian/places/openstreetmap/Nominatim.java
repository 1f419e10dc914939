package io.bactrian.places.openstreetmap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.page.PageFailure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Nominatim, which knows where a location is. */
final class Nominatim {
    /** One location with its address; there is no more in it that is of use. */
    private static final int LARGEST_ANSWER = 256 * 1024;

    private static final int LONGEST_SHOWN = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PublicApi api;
    private final String searchUrl;

    Nominatim(PublicApi api, URI base) {
        this.api = api;
        this.searchUrl = base.toString().replaceFirst("/+$", "") + "/search";
    }

    /**
     * Looks the location of a search up.
     *
     * @param found what becomes of the region that it is
     */
    VisitOutcome locate(VisitRequest request, Function<Region, VisitOutcome> found) {
        String location = request.query().location();
        HttpUrl url = HttpUrl.parse(searchUrl + "?format=jsonv2&limit=1&addressdetails=1&accept-language="
                + encoded(request.query().language()) + "&q=" + encoded(location));
        return api.ask("Nominatim", url, EgressRequest.get(url), request.booked(), LARGEST_ANSWER, body -> {
            JsonNode locations = JSON.readTree(body);
            if (!locations.isArray()) {
                throw new IOException("no array of locations");
            }
            return locations.isEmpty() ? unknown(location) : found.apply(Region.located(locations.path(0)));
        });
    }

    private static VisitOutcome unknown(String location) {
        return new VisitOutcome.Failed(
                "location_not_found",
                "The location '" + PageFailure.printable(location, LONGEST_SHOWN)
                        + "' is not known to OpenStreetMap: name a town, an address or a country.",
                false,
                null);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
