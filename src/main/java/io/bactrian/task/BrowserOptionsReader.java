package io.bactrian.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.Violation;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.BrowserOptions.ResourceKind;
import io.bactrian.scrape.BrowserSelector;
import io.bactrian.scrape.PageAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the part of a {@code config} that says what the browser does on each page. */
final class BrowserOptionsReader {
    private static final Set<ResourceKind> BLOCKED_BY_DEFAULT =
            EnumSet.of(ResourceKind.IMAGE, ResourceKind.MEDIA, ResourceKind.FONT);
    private static final int DEFAULT_SCROLLS = 1;

    private final List<Violation> violations;

    /** @param violations takes what is found wrong */
    BrowserOptionsReader(List<Violation> violations) {
        this.violations = violations;
    }

    BrowserOptions read(JsonNode config) {
        List<PageAction> actions = new ArrayList<>();
        for (JsonNode action : config.path("actions")) {
            PageAction read = action(action, "config.actions[" + actions.size() + "]");
            actions.add(read);
        }
        return new BrowserOptions(
                config.path("javascript_enabled").asBoolean(true),
                selector(config, "wait_for_selector", "config"),
                Duration.ofMillis(config.path("wait_ms").asLong(0)),
                actions,
                config.path("screenshot").asBoolean(false),
                blocked(config.path("block_resources")));
    }

    private PageAction action(JsonNode action, String field) {
        String type = action.path("type").asText();
        @Nullable String selector = selector(action, "selector", field);
        return switch (type) {
            case "click" -> new PageAction.Click(required(selector, type, field));
            case "type" -> new PageAction.Type(required(selector, type, field), required(action, "text", type, field));
            case "press" -> new PageAction.Press(selector, key(required(action, "key", type, field), field));
            case "scroll" ->
                new PageAction.Scroll(selector, action.path("times").asInt(DEFAULT_SCROLLS));
            case "wait" -> {
                if (selector == null && !action.hasNonNull("ms")) {
                    violations.add(new Violation(field, "a wait needs a selector or ms"));
                }
                yield new PageAction.Wait(
                        selector, Duration.ofMillis(action.path("ms").asLong(0)));
            }
            default -> throw new IllegalStateException("The contract's schema admits no action " + type + ".");
        };
    }

    private String required(@Nullable String selector, String type, String field) {
        if (selector == null) {
            violations.add(new Violation(field + ".selector", "is required for " + type));
            return "";
        }
        return selector;
    }

    private String required(JsonNode action, String name, String type, String field) {
        if (!action.hasNonNull(name)) {
            violations.add(new Violation(field + "." + name, "is required for " + type));
        }
        return action.path(name).asText();
    }

    private String key(String key, String field) {
        // An empty one is one that is not there, which has been said.
        @Nullable String problem = key.isEmpty() ? null : PageAction.Press.problem(key);
        if (problem != null) {
            violations.add(new Violation(field + ".key", problem));
        }
        return key;
    }

    private @Nullable String selector(JsonNode owner, String name, String field) {
        if (!owner.hasNonNull(name)) {
            return null;
        }
        String selector = owner.path(name).asText();
        @Nullable String problem = BrowserSelector.problem(selector);
        if (problem != null) {
            violations.add(new Violation(field + "." + name, problem));
        }
        return selector;
    }

    private static Set<ResourceKind> blocked(JsonNode value) {
        if (value.isArray()) {
            EnumSet<ResourceKind> kinds = EnumSet.noneOf(ResourceKind.class);
            value.forEach(kind -> kinds.add(ResourceKind.of(kind.asText())));
            return kinds;
        }
        return value.asBoolean(true) ? BLOCKED_BY_DEFAULT : Set.of();
    }
}
