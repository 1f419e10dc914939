package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Caller;
import io.bactrian.search.SavedSearch;
import io.bactrian.search.SavedSearches;
import io.bactrian.search.SearchDefinition;
import io.bactrian.search.SearchRun;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** MapScraper's operations on saved searches. */
@Component
public class SearchApi {
    /** The fields of a body that are not for the job. */
    private static final Set<String> OWN =
            Set.of("name", "schedule", "timezone", "isActive", "onlyNew", "notifyWebhook", "notifyEmail");

    private final SavedSearches searches;

    SearchApi(SavedSearches searches) {
        this.searches = searches;
    }

    private record Created(
            long id,
            String name,
            String schedule,
            @Nullable Instant nextRunAt,
            @JsonProperty("isActive") boolean active) {}

    public Answer create(ApiCall call) {
        Caller caller = call.caller();
        ObjectNode body = call.object();
        SearchDefinition blank =
                new SearchDefinition("", body.objectNode(), "", "UTC", true, false, false, false, null);
        SavedSearch search = searches.create(caller.accountId(), changed(blank, body), caller.testKey());
        return new Answer(
                201,
                Map.of("Location", "/scheduled/saved-searches/" + search.id()),
                new Answer.Json(new Created(
                        search.id(),
                        search.definition().name(),
                        search.definition().schedule(),
                        search.nextRunAt(),
                        search.definition().active())));
    }

    private record Listed(
            long id,
            String name,
            String schedule,
            @Nullable Instant nextRunAt,
            @Nullable Instant lastRunAt,
            @JsonProperty("isActive") boolean active,
            @JsonProperty("created_at") Instant createdAt) {
        static Listed of(SavedSearch search) {
            return new Listed(
                    search.id(),
                    search.definition().name(),
                    search.definition().schedule(),
                    search.nextRunAt(),
                    search.lastRunAt(),
                    search.definition().active(),
                    search.createdAt());
        }
    }

    public Answer list(ApiCall call) {
        return Answer.ok(Map.of(
                "searches",
                searches.list(call.accountId()).stream().map(Listed::of).toList()));
    }

    public Answer get(ApiCall call) {
        return Answer.ok(view(searches.find(call.accountId(), call.number("id"))));
    }

    /** A saved search whole: what the list has of it, and what it was saved with. */
    static Map<String, Object> view(SavedSearch search) {
        SearchDefinition definition = search.definition();
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("id", search.id());
        view.put("name", definition.name());
        view.put("schedule", definition.schedule());
        view.put("timezone", definition.timezone());
        view.put("nextRunAt", search.nextRunAt());
        view.put("lastRunAt", search.lastRunAt());
        view.put("isActive", definition.active());
        view.put("created_at", search.createdAt());
        view.put("onlyNew", definition.onlyNew());
        view.put("notifyWebhook", definition.notifyWebhook());
        String email = definition.notifyEmail();
        view.put("notifyEmail", email == null ? definition.notifyOwner() : email);
        definition.params().properties().forEach(field -> view.put(field.getKey(), field.getValue()));
        return view;
    }

    public Answer history(ApiCall call) {
        List<SearchRun> runs = searches.history(
                call.accountId(), call.number("id"), call.parameters().integer("limit"));
        return Answer.ok(Map.of("runs", runs));
    }

    public Answer update(ApiCall call) {
        ObjectNode body = call.object();
        searches.update(call.accountId(), call.number("id"), before -> changed(before, body));
        return Answer.ok(Map.of("status", "updated"));
    }

    public Answer delete(ApiCall call) {
        searches.delete(call.accountId(), call.number("id"));
        return Answer.ok(Map.of("status", "deleted"));
    }

    /** With what a body says, which removes what it says to be null, and otherwise as before. */
    private static SearchDefinition changed(SearchDefinition before, ObjectNode body) {
        ObjectNode params = before.params().deepCopy();
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            if (OWN.contains(field.getKey())) {
                continue;
            }
            if (field.getValue().isNull()) {
                params.remove(field.getKey());
            } else {
                params.set(field.getKey(), field.getValue());
            }
        }
        JsonNode email = body.path("notifyEmail");
        return new SearchDefinition(
                body.path("name").asText(before.name()),
                params,
                body.path("schedule").asText(before.schedule()),
                body.path("timezone").asText(before.timezone()),
                body.path("isActive").asBoolean(before.active()),
                body.path("onlyNew").asBoolean(before.onlyNew()),
                body.path("notifyWebhook").asBoolean(before.notifyWebhook()),
                email.isMissingNode() ? before.notifyOwner() : email.asBoolean(false) && email.isBoolean(),
                email.isMissingNode() ? before.notifyEmail() : email.isTextual() ? email.asText() : null);
    }
}
