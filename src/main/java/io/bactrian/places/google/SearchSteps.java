package io.bactrian.places.google;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.Visit;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/** The steps of a search: which pages are visited, and which a page of results leads to. */
final class SearchSteps {
    private static final String ALL = "search";
    private static final int MOST_LINKS = 1_000;
    private static final int LONGEST_TARGET = 4_000;
    private static final int LONGEST_KEY = 200;

    private final Site site;
    private final String baseUrl;

    SearchSteps(Site site, String baseUrl) {
        this.site = site;
        this.baseUrl = baseUrl;
    }

    /** The step that the search begins with. */
    Visit first(PlaceQuery query) {
        return new Visit(
                Visit.Kind.SEARCH,
                ALL,
                baseUrl + "/maps/search/" + encoded(query.searchTerms() + " " + query.location()) + language(query));
    }

    /** The steps to the places that a page of results links, in its order. */
    List<Visit> places(Document results, String url, PlaceQuery query) {
        List<Visit> steps = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (Element link : site.search().links().in(results)) {
            @Nullable Visit step = place(link.attr("href"), url, query);
            if (step != null && keys.add(step.key())) {
                steps.add(step);
            }
            if (steps.size() == MOST_LINKS) {
                break;
            }
        }
        return steps;
    }

    /** The step to a place, or null for a link that leads nowhere or to another site. */
    @Nullable
    Visit place(String link, String url, PlaceQuery query) {
        try {
            HttpUrl page = HttpUrl.parse(url);
            HttpUrl place = page.resolve(link);
            @Nullable FeatureId feature = FeatureId.inUrl(place.pathAndQuery());
            int mark = place.pathAndQuery().indexOf('?');
            String path = mark < 0 ? place.pathAndQuery() : place.pathAndQuery().substring(0, mark);
            boolean byQuery = feature == null && mark >= 0;
            String target = place.origin()
                    + (byQuery ? place.pathAndQuery() + "&" + language(query).substring(1) : path + language(query));
            String key = feature != null ? feature.toString() : byQuery ? place.pathAndQuery() : path;
            return place.host().equals(page.host())
                            && place.port() == page.port()
                            && target.length() <= LONGEST_TARGET
                            && key.length() <= LONGEST_KEY
                    ? new Visit(Visit.Kind.PLACE, key, target)
                    : null;
        } catch (EgressRefusedException nowhere) {
            return null;
        }
    }

    /**
     * The steps to the quarters of the part of the map that a page of results has shown.
     *
     * @param step that has shown it
     * @param url where its page has ended up
     */
    List<Visit> quarters(Visit step, String url, Document results, PlaceQuery query) {
        Site.Grid grid = site.grid();
        @Nullable MapCell asked = MapCell.ofKey(step.key());
        @Nullable MapCell shown = asked != null ? asked : MapCell.inUrl(url, 0);
        @Nullable MapCell cell = shown != null ? shown : around(results);
        if (cell == null || cell.depth() >= grid.depth() || cell.zoom() + 1 > grid.deepestZoom()) {
            return List.of();
        }
        // The terms alone: where they name a place too, it would be searched there and not in the part of the map.
        String prefix = baseUrl + "/maps/search/" + encoded(query.searchTerms()) + "/";
        return cell.quarters(grid.width(), grid.height()).stream()
                .map(quarter ->
                        new Visit(Visit.Kind.SEARCH, quarter.key(), prefix + quarter.segment() + language(query)))
                .toList();
    }

    /** The part of the map around the middle of the linked places. */
    private @Nullable MapCell around(Document results) {
        double[] north = {90, -90};
        double[] east = {180, -180};
        for (Element link : site.search().links().in(results)) {
            @Nullable Double latitude = inUrl(Field.LATITUDE, link.attr("href"), 85);
            @Nullable Double longitude = inUrl(Field.LONGITUDE, link.attr("href"), 180);
            if (latitude != null && longitude != null) {
                north[0] = Math.min(north[0], latitude);
                north[1] = Math.max(north[1], latitude);
                east[0] = Math.min(east[0], longitude);
                east[1] = Math.max(east[1], longitude);
            }
        }
        return north[0] > north[1]
                ? null
                : new MapCell(
                        0,
                        (north[0] + north[1]) / 2,
                        (east[0] + east[1]) / 2,
                        site.grid().firstZoom());
    }

    private @Nullable Double inUrl(Field field, String url, double most) {
        for (TextPattern pattern : site.sources(field).url()) {
            @Nullable String part = pattern.in(url);
            @Nullable Double value = part == null ? null : Texts.decimal(part);
            if (value != null && Math.abs(value) <= most) {
                return value;
            }
        }
        return null;
    }

    private static String language(PlaceQuery query) {
        return "?hl=" + encoded(query.language());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text.strip(), StandardCharsets.UTF_8);
    }
}
