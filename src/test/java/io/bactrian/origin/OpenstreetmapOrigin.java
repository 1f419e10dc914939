package io.bactrian.origin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.origin.MisbehavingOrigin.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A local Nominatim and Overpass, with a map of their own, that watch whether their usage policies are kept.
 *
 * <p>They answer 403 to a User-Agent that is not {@code BactrianBot}'s, and 400 to a query that is not of the few forms of
 * Overpass QL that they know ({@link OverpassScript}), so no term of a search gets through that is more than a text. What they
 * disapprove of is in {@link #complaints()}; so are two requests to one service within a second of the clock, and two at once.
 */
public final class OpenstreetmapOrigin implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long AREA_OF_RELATION = 3_600_000_000L;

    /** A node, way or relation of the map. */
    public record Feature(String type, long id, double latitude, double longitude, Map<String, String> tags) {}

    /** A town: the relation of its boundary, and the box of half a degree around its middle. */
    public record Town(String name, long relation, double latitude, double longitude, String countryCode) {}

    private final Clock clock;
    private final MisbehavingOrigin server = MisbehavingOrigin.start();
    private final Map<String, Town> towns = new ConcurrentHashMap<>();
    private final Map<String, Feature> features = new ConcurrentHashMap<>();
    private final Set<Long> areas = ConcurrentHashMap.newKeySet();
    private final Map<String, Queue<Behaviour>> next = new HashMap<>();
    private final Map<String, List<Instant>> arrivals = new HashMap<>();
    private final Map<String, Integer> underWay = new HashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final List<String> scripts = new ArrayList<>();

    private OpenstreetmapOrigin(Clock clock) {
        this.clock = clock;
        server.on("/search", watched("nominatim", this::locate));
        server.on("/api/interpreter", watched("overpass", this::interpret));
    }

    /** An empty map, whose seconds are those of the clock. */
    public static OpenstreetmapOrigin start(Clock clock) {
        return new OpenstreetmapOrigin(clock);
    }

    public URI nominatimUrl() {
        return URI.create(server.url("/"));
    }

    public URI overpassUrl() {
        return URI.create(server.url("/api/interpreter"));
    }

    /** Adds a town, and the area that its boundary encloses. */
    public Town addTown(String name, long relation, double latitude, double longitude, String countryCode) {
        Town town = new Town(name, relation, latitude, longitude, countryCode);
        towns.put(name, town);
        areas.add(AREA_OF_RELATION + relation);
        return town;
    }

    /** Forgets all areas, as a server that was set up without them. */
    public void forgetAreas() {
        areas.clear();
    }

    public void add(Feature feature) {
        features.put(feature.type() + "/" + feature.id(), feature);
    }

    /** Adds that many cafes to a town. */
    public void addCafes(Town town, int count) {
        for (int nth = 0; nth < count; nth++) {
            add(new Feature(
                    "node",
                    town.relation() * 100_000 + nth + 1,
                    town.latitude(),
                    town.longitude(),
                    Map.of("amenity", "cafe", "name", town.name() + " Cafe " + (nth + 1))));
        }
    }

    /** What {@code nominatim} or {@code overpass} does with its next request, instead of answering it. */
    public synchronized void next(String service, Behaviour behaviour) {
        next.computeIfAbsent(service, absent -> new ArrayDeque<>()).add(behaviour);
    }

    /** What was done that the usage policies forbid. */
    public synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** The queries to Overpass so far. */
    public synchronized List<String> scripts() {
        return List.copyOf(scripts);
    }

    /** How many requests {@code nominatim} or {@code overpass} has had. */
    public synchronized int requests(String service) {
        return arrivals.getOrDefault(service, List.of()).size();
    }

    @Override
    public void close() {
        server.close();
    }

    private Behaviour watched(String service, Behaviour behaviour) {
        return (request, socket, out) -> {
            Behaviour answer = begin(service, request, behaviour);
            try {
                return answer.answer(request, socket, out);
            } finally {
                end(service);
            }
        };
    }

    private synchronized Behaviour begin(String service, Request request, Behaviour usual) {
        Instant now = clock.instant();
        List<Instant> earlier = arrivals.computeIfAbsent(service, absent -> new ArrayList<>());
        if (earlier.stream()
                .anyMatch(before -> Duration.between(before, now).abs().compareTo(Duration.ofSeconds(1)) < 0)) {
            complaints.add(service + " was asked twice within a second");
        }
        earlier.add(now);
        if (underWay.merge(service, 1, Integer::sum) > 1) {
            complaints.add(service + " was asked twice at once");
        }
        String userAgent = request.header("user-agent");
        if (userAgent == null || !userAgent.contains("BactrianBot") || !userAgent.contains("http")) {
            complaints.add("User-Agent is " + userAgent);
            return Behaviours.status(403);
        }
        Queue<Behaviour> planned = next.get(service);
        return planned == null || planned.isEmpty() ? usual : planned.remove();
    }

    private synchronized void end(String service) {
        underWay.merge(service, -1, Integer::sum);
    }

    private boolean locate(Request request, Socket socket, OutputStream out) throws IOException {
        Map<String, String> parameters = form(request.target().replaceFirst("^[^?]*\\??", ""));
        if (!"jsonv2".equals(parameters.get("format")) || !"1".equals(parameters.get("limit"))) {
            return Behaviours.status(400).answer(request, socket, out);
        }
        ArrayNode locations = JSON.createArrayNode();
        Town town = towns.get(parameters.getOrDefault("q", ""));
        if (town != null) {
            ObjectNode location = locations.addObject();
            location.put("place_id", 1L);
            location.put("osm_type", "relation");
            location.put("osm_id", town.relation());
            location.put("lat", String.valueOf(town.latitude()));
            location.put("lon", String.valueOf(town.longitude()));
            location.put("category", "boundary");
            location.put("type", "administrative");
            location.put("display_name", town.name());
            location.putObject("address").put("city", town.name()).put("country_code", town.countryCode());
            location.putArray("boundingbox")
                    .add(String.valueOf(town.latitude() - 0.5))
                    .add(String.valueOf(town.latitude() + 0.5))
                    .add(String.valueOf(town.longitude() - 0.5))
                    .add(String.valueOf(town.longitude() + 0.5));
        }
        return json(locations).answer(request, socket, out);
    }

    private boolean interpret(Request request, Socket socket, OutputStream out) throws IOException {
        String text = form(request.body()).getOrDefault("data", "");
        OverpassScript script = OverpassScript.parse(text);
        synchronized (this) {
            scripts.add(text);
            if (script == null) {
                complaints.add("not a query: " + text);
            }
        }
        if (!request.line().startsWith("POST ") || script == null) {
            return Behaviours.status(400).answer(request, socket, out);
        }
        return json(answer(script)).answer(request, socket, out);
    }

    private ObjectNode answer(OverpassScript script) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("version", 0.6);
        ArrayNode elements = answer.putArray("elements");
        Long area = script.area();
        if (area != null && areas.contains(area)) {
            elements.addObject().put("type", "area").put("id", area);
        }
        OverpassScript.Box within = box(area);
        features.values().stream()
                .filter(feature -> script.matches(feature, within))
                .sorted((a, b) -> a.type().equals(b.type())
                        ? Long.compare(a.id(), b.id())
                        : a.type().compareTo(b.type()))
                .limit(script.most())
                .forEach(feature -> elements.add(element(feature)));
        return answer;
    }

    /** Where an area is, which is a little smaller than the box of its town; null where there is no such area. */
    private OverpassScript.@Nullable Box box(@Nullable Long area) {
        for (Town town : towns.values()) {
            if (area != null && areas.contains(area) && area == AREA_OF_RELATION + town.relation()) {
                return new OverpassScript.Box(
                        town.latitude() - 0.4, town.longitude() - 0.4, town.latitude() + 0.4, town.longitude() + 0.4);
            }
        }
        return null;
    }

    private static ObjectNode element(Feature feature) {
        ObjectNode element = JSON.createObjectNode();
        element.put("type", feature.type());
        element.put("id", feature.id());
        ObjectNode place = feature.type().equals("node") ? element : element.putObject("center");
        place.put("lat", feature.latitude());
        place.put("lon", feature.longitude());
        ObjectNode tags = element.putObject("tags");
        feature.tags().forEach(tags::put);
        return element;
    }

    private static Behaviour json(Object node) {
        try {
            return Behaviours.body("application/json", JSON.writeValueAsBytes(node));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Map<String, String> form(String encoded) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : encoded.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }
}
