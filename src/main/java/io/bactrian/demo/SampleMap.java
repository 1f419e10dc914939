package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import io.bactrian.demo.SampleServer.Page;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A map on a loopback port that behaves like Google Maps, for people who want to see a search for places at work without
 * troubling anyone's site.
 *
 * <p>It shows {@value #COFFEE_PLACES} places of the term {@code coffee} and some others in one city that does not exist, the same
 * ones on each run, whatever location a search names. One search gives at most {@value #MOST_RESULTS} of them, those that are
 * nearest to the middle of the part of the map that its address names: all are had only by searching parts of the map.
 * {@code lighthouse} has one hit, {@code unicorn} none, and who searches for {@code blocked} is taken for a robot. Any number
 * of threads may ask it at once.
 */
public final class SampleMap implements AutoCloseable {
    /** The port where nothing else is asked for. */
    public static final int DEFAULT_PORT = 3003;

    /** The city, as a search names it. */
    public static final String CITY = Gazetteer.CITY;

    /** How many places there are of the term {@code coffee}. */
    public static final int COFFEE_PLACES = 300;

    /** The most places that one search gives. */
    public static final int MOST_RESULTS = 120;

    private static final int LARGEST_FORM = 65_536;
    private static final Duration THINKING = Duration.ofMillis(30);
    private static final Pattern FEATURE = Pattern.compile("!1s(0x[0-9a-f]+:0x[0-9a-f]+)");
    private static final Pattern COOKIE = Pattern.compile("(?:^|;\\s*)SOCS=[^;]");

    private final List<SamplePlace> places = Gazetteer.places();
    private final Map<String, SamplePlace> placesByFeature =
            places.stream().collect(Collectors.toMap(SamplePlace::featureId, Function.identity()));
    private final AtomicInteger searches = new AtomicInteger();
    private final AtomicInteger placePages = new AtomicInteger();
    private final AtomicInteger patience = new AtomicInteger(Integer.MAX_VALUE);
    private final SampleServer server;

    private SampleMap(int port) {
        this.server = SampleServer.open(port, "sample map", this::answer);
    }

    /**
     * Opens the map.
     *
     * @param port the loopback port to listen on, or 0 for any that is free
     * @throws DemoException if the port is in use
     */
    public static SampleMap open(int port) {
        return new SampleMap(port);
    }

    /** The address of the map, to which {@code /maps/search/…} is added. */
    public URI address() {
        return server.address();
    }

    /** All places. */
    public List<SamplePlace> places() {
        return places;
    }

    /** The places that a search for a term finds if it looks everywhere. */
    public List<SamplePlace> places(String term) {
        return places.stream().filter(place -> place.term().equals(term)).toList();
    }

    /** How many searches were answered with a page; more of a list is no new search. */
    public int searches() {
        return searches.get();
    }

    /** How many pages of places were given. */
    public int placePages() {
        return placePages.get();
    }

    /**
     * Takes its visitors for robots after so many pages.
     *
     * @param requests how many pages of searches and places are given before
     */
    public void blockAfter(int requests) {
        patience.set(requests);
    }

    /** Trusts its visitors again. */
    public void unblock() {
        patience.set(Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        server.close();
    }

    private Page answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        return switch (exchange.getRequestMethod()) {
            case "GET", "HEAD" -> page(exchange, path);
            case "POST" -> path.equals("/consent.google.example/save") ? consented(exchange) : refused();
            default -> refused();
        };
    }

    private Page page(HttpExchange exchange, String path) {
        if (path.startsWith("/maps/")) {
            return mapsPage(exchange, path);
        }
        String query = exchange.getRequestURI().getRawQuery();
        return switch (path) {
            case "/" -> Page.html(200, MapPages.home());
            case "/robots.txt" -> Page.text(200, "User-agent: *\nAllow: /\n");
            case "/consent" ->
                Page.html(
                        200,
                        MapPages.consent(
                                Addresses.parameter(query, "continue").orElse("/maps/"),
                                MapWords.of(Addresses.parameter(query, "hl").orElse(null))));
            case "/sorry/index" ->
                Page.html(
                        429,
                        MapPages.blocked(Addresses.parameter(query, "continue").orElse("")));
            case "/search" -> patience.get() <= 0 ? sorry(exchange) : moreOfAList(query);
            default -> missing();
        };
    }

    private Page mapsPage(HttpExchange exchange, String path) {
        String query = exchange.getRequestURI().getRawQuery();
        String language = Addresses.parameter(query, "hl").orElse("en");
        if (patience.get() <= 0) {
            return sorry(exchange);
        }
        String cookies = exchange.getRequestHeaders().getFirst("Cookie");
        if (cookies == null || !COOKIE.matcher(cookies).find()) {
            return Page.redirect(
                    302,
                    "/consent?continue=" + Addresses.encoded(target(exchange)) + "&hl=" + Addresses.encoded(language));
        }
        MapWords words = MapWords.of(language);
        if (path.startsWith("/maps/search/")) {
            return search(exchange, path.substring("/maps/search/".length()), words);
        }
        Matcher feature = FEATURE.matcher(Addresses.decoded(path));
        SamplePlace place = feature.find() ? placesByFeature.get(feature.group(1)) : null;
        return place == null ? missing() : place(exchange, place, words);
    }

    /** @param rest of the path: the words, and perhaps the part of the map */
    private Page search(HttpExchange exchange, String rest, MapWords words) {
        int slash = rest.indexOf('/');
        String segment = slash < 0 ? rest : rest.substring(0, slash);
        String terms = Addresses.decoded(segment);
        if (terms.isBlank()) {
            return missing();
        }
        if (terms.contains("blocked")) {
            return sorry(exchange);
        }
        Optional<MapView> given =
                slash < 0 ? Optional.empty() : MapView.parse(Addresses.decoded(rest.substring(slash + 1)));
        MapSearch search = MapSearch.of(places, terms, given.orElse(MapSearch.WHOLE_CITY));
        if (spentPatience()) {
            return sorry(exchange);
        }
        searches.incrementAndGet();
        if (search.found().size() == 1) {
            SamplePlace only = search.found().getFirst();
            return Page.html(200, MapPages.place(only, words, address(), PlaceArrays.path(only, words)));
        }
        if (search.found().isEmpty()) {
            return Page.html(200, MapPages.nothingFound(terms, words));
        }
        ArrayNode first = PlaceArrays.results(terms, search.firstPart(), words, address());
        return Page.html(200, MapPages.results(segment, search, given.isPresent(), first, words));
    }

    private Page place(HttpExchange exchange, SamplePlace place, MapWords words) {
        if (spentPatience()) {
            return sorry(exchange);
        }
        placePages.incrementAndGet();
        return Page.html(200, MapPages.place(place, words, address(), ""));
    }

    private Page moreOfAList(@Nullable String query) {
        String terms = Addresses.parameter(query, "q").orElse("");
        String where = Addresses.parameter(query, "pb").orElse("");
        if (!Addresses.parameter(query, "tbm").equals(Optional.of("map")) || terms.isBlank()) {
            return missing();
        }
        List<SamplePlace> part = MapSearch.part(places, terms, where);
        pause();
        return Page.of(
                "application/json; charset=utf-8",
                PlaceArrays.PREFIX
                        + PlaceArrays.results(
                                terms,
                                part,
                                MapWords.of(Addresses.parameter(query, "hl").orElse(null)),
                                address()));
    }

    private boolean spentPatience() {
        return patience.getAndUpdate(left -> left == Integer.MAX_VALUE ? left : Math.max(0, left - 1)) <= 0;
    }

    private Page consented(HttpExchange exchange) throws IOException {
        String form = new String(exchange.getRequestBody().readNBytes(LARGEST_FORM), UTF_8);
        String target = Addresses.parameter(form, "continue").orElse("");
        // Nowhere else: a page must not be able to send its visitors on through this one.
        if (!target.startsWith("/maps/")) {
            return Page.html(400, MapPages.missing());
        }
        exchange.getResponseHeaders().set("Set-Cookie", "SOCS=CAISHAgB; Path=/; Max-Age=34214400; SameSite=Lax");
        return Page.redirect(302, target);
    }

    private static Page sorry(HttpExchange exchange) {
        return Page.redirect(302, "/sorry/index?continue=" + Addresses.encoded(target(exchange)));
    }

    private static Page refused() {
        return Page.text(405, "This map is only for looking.\n");
    }

    private static Page missing() {
        return Page.html(404, MapPages.missing());
    }

    private static String target(HttpExchange exchange) {
        URI uri = exchange.getRequestURI();
        return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    private static void pause() {
        try {
            Thread.sleep(THINKING);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }
}
