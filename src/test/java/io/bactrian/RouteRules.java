package io.bactrian;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.RouteFiles.Route;
import io.bactrian.RouteFiles.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the files of {@code routes/} are written and connected.
 *
 * <p>Each rule gives complaints, each a sentence that says where it is broken and what to do; none means that it holds.
 */
final class RouteRules {
    private static final Set<String> DEFINITIONS = Set.of("route", "routeConfiguration", "rest", "restConfiguration");
    private static final Set<String> LANGUAGES = Set.of("constant", "simple", "variable", "method");

    private static final Pattern SENTENCE = Pattern.compile("\\p{Lu}(?:(?![.!?]\\s).)+\\.");
    private static final Pattern COMPARISON =
            Pattern.compile("\\$\\{(?:variable\\.\\w+|body)} (?:==|!=|<|<=|>|>=) (?:'[^']*'|null|true|false|\\d+)");
    private static final Pattern SQL =
            Pattern.compile("(?is)\\b(?:select\\b.+\\bfrom|insert\\s+into|update\\s+\\S+\\s+set|delete\\s+from)\\b");
    private static final Pattern SQL_COMPONENT =
            Pattern.compile("(?:sql|sql-stored|jdbc|jpa|mybatis|mybatis-bean|spring-jdbc):.*");
    private static final Pattern SCRIPT_COMPONENT = Pattern.compile("(?:language|class|bean|script):.*");

    private static final List<String> LISTENERS_ENDS = List.of("maxMessagesPerTask", "idleReceivesPerTaskLimit");

    private RouteRules() {}

    /** Every route has an id of its own, a one-sentence description and an error configuration that exists. */
    static List<String> identity(RouteFiles files) {
        List<String> complaints = new ArrayList<>();
        Set<String> configurations = Set.copyOf(files.routeConfigurations());
        Set<String> ids = new HashSet<>();
        for (Route route : files.routes()) {
            if (route.id().isEmpty()) {
                complaints.add(route.place() + ": give the route an id.");
            } else if (!ids.add(route.id())) {
                complaints.add(route.place() + ": two routes have this id; rename one.");
            }
            String description = route.definition().path("description").asText();
            if (!SENTENCE.matcher(description).matches()) {
                complaints.add(
                        route.place() + ": describe the route in one sentence that begins with a capital and ends"
                                + " with a full stop; say more in a note.");
            }
            String configuration =
                    route.definition().path("routeConfigurationId").asText();
            if (!configurations.contains(configuration)) {
                complaints.add(route.place() + ": its routeConfigurationId is \"" + configuration
                        + "\"; name one of those in errors.camel.yaml.");
            }
        }
        complaints.addAll(repeated(files.routeConfigurations().stream(), "two route configurations have this id"));
        complaints.addAll(repeated(
                files.steps().stream().map(step -> step.option("id")).filter(id -> !id.isEmpty()),
                "two steps have this id"));
        return complaints;
    }

    private static List<String> repeated(Stream<String> names, String problem) {
        Set<String> seen = new HashSet<>();
        return names.filter(name -> !seen.add(name))
                .map(name -> name + ": " + problem + "; rename one.")
                .toList();
    }

    /** Every {@code direct:} name is its route's id, leads somewhere, and is used by a step or an operation. */
    static List<String> connections(RouteFiles files, Collection<String> operations) {
        List<String> complaints = new ArrayList<>();
        Set<String> targets = files.routes().stream()
                .map(Route::from)
                .filter(uri -> uri.startsWith("direct:"))
                .collect(Collectors.toSet());
        Set<String> used = operations.stream().map(id -> "direct:" + id).collect(Collectors.toSet());
        for (Step step : files.steps()) {
            String uri = step.uri();
            if (uri.startsWith("direct:")) {
                used.add(uri);
                if (!targets.contains(uri)) {
                    complaints.add(step.place() + ": no route begins with " + uri + "; write it, or correct the name.");
                }
            }
        }
        for (Route route : files.routes()) {
            String from = route.from();
            if (from.startsWith("direct:")) {
                if (!from.equals("direct:" + route.id())) {
                    complaints.add(route.place() + ": it begins with " + from + "; its id and its direct name are to be"
                            + " the same.");
                }
                if (!used.contains(from)) {
                    complaints.add(route.place() + ": nothing sends to " + from + "; remove the route or use it.");
                }
            }
        }
        return complaints;
    }

    /** Queues and topics are named literally and exist at the broker; steps that leave the process have ids that say so. */
    static List<String> queues(RouteFiles files, BrokerAddresses broker) {
        List<String> complaints = new ArrayList<>();
        files.routes().forEach(route -> complaints.addAll(endpoint(route.place(), route.from(), broker)));
        for (Step step : files.steps()) {
            String uri = step.uri();
            complaints.addAll(endpoint(step.place(), uri, broker));
            if (!uri.isEmpty()
                    && !uri.startsWith("direct:")
                    && !step.option("id").startsWith("to-")) {
                complaints.add(step.place() + ": the step to " + uri
                        + " leaves the process; give it an id that begins with to-, such as to-lanes-html.");
            }
        }
        return complaints;
    }

    private static List<String> endpoint(String place, String uri, BrokerAddresses broker) {
        List<String> complaints = new ArrayList<>();
        boolean named = uri.startsWith("jms:") || uri.startsWith("direct:");
        if (uri.startsWith("{{") || uri.startsWith("${") || (named && (uri.contains("{{") || uri.contains("${")))) {
            complaints.add(place + ": write the name in " + uri + " out; it is part of the flow.");
        } else if (uri.startsWith("jms:topic:")) {
            if (!broker.topics().contains(uri.substring("jms:topic:".length()))) {
                complaints.add(place + ": " + uri + " is no multicast address of config/broker.xml; add it there.");
            }
        } else if (uri.startsWith("jms:queue:")) {
            if (!broker.queues().contains(uri.substring("jms:queue:".length()))) {
                complaints.add(place + ": " + uri + " is no queue of config/broker.xml; add it there.");
            }
        } else if (uri.startsWith("jms:")) {
            complaints.add(place + ": say in " + uri + " whether it is a jms:queue: or a jms:topic:.");
        }
        return complaints;
    }

    /** Whatever leaves by camel-http has the client that only room egress builds, or no guard would see it. */
    static List<String> guardedClients(RouteFiles files) {
        return files.steps().stream()
                .filter(step -> step.uri().startsWith("http:") || step.uri().startsWith("https:"))
                .filter(step -> !step.options()
                        .path("parameters")
                        .path("httpClient")
                        .asText()
                        .equals("#bean:webhookHttpClient"))
                .map(
                        step -> step.place() + ": give " + step.uri()
                                + " the parameter httpClient: \"#bean:webhookHttpClient\"; any other connects to where it is told.")
                .toList();
    }

    /**
     * What begins with a clock fails as housekeeping does: logged with its name and stack trace, and counted. Only messages
     * that cannot be sent yet have words of their own.
     */
    static List<String> timers(RouteFiles files) {
        return files.routes().stream()
                .filter(route ->
                        route.from().startsWith("timer:") || route.from().startsWith("quartz:"))
                .filter(route -> !route.id().startsWith("outbox-"))
                .filter(route -> !route.definition()
                        .path("routeConfigurationId")
                        .asText()
                        .equals("housekeeping-errors"))
                .map(route ->
                        route.place() + ": give it the routeConfigurationId housekeeping-errors, or nobody is told"
                                + " which job has failed and why.")
                .toList();
    }

    /**
     * Listeners stay until the service stops. One that ends by itself, after so many messages or so long without any, is started
     * again at once while Camel forbids it to run, threads by the million, until the stop comes to it.
     */
    static List<String> listeners(RouteFiles files) {
        return files.routes().stream()
                .filter(route -> route.from().startsWith("jms:"))
                .filter(route -> LISTENERS_ENDS.stream()
                        .anyMatch(route.definition().path("from").path("parameters")::has))
                .map(route -> route.place() + ": remove " + String.join(" and ", LISTENERS_ENDS)
                        + "; with them the service does not stop.")
                .toList();
    }

    /** Canonical YAML; no templates, no scripts, no SQL; predicates that compare one value with a literal. */
    static List<String> plainness(RouteFiles files) {
        List<String> complaints = new ArrayList<>();
        files.files().forEach((file, content) -> {
            for (JsonNode entry : content) {
                entry.fieldNames().forEachRemaining(kind -> {
                    if (!DEFINITIONS.contains(kind)) {
                        complaints.add(file + ": a " + kind + " is not used here; write a route.");
                    }
                });
            }
            texts(content, text -> {
                if (SQL.matcher(text).find()) {
                    complaints.add(file + ": move the SQL \"" + text + "\" into a repository, and call that.");
                }
            });
            expressions(content, expression -> complaints.addAll(language(file, expression)));
        });
        files.routes().forEach(route -> complaints.addAll(uri(route.place(), route.from())));
        for (Step step : files.steps()) {
            if (step.options().isTextual()) {
                complaints.add(step.place() + ": write the step " + step.kind()
                        + " in the canonical form, with an option" + " to a line.");
            }
            if (step.kind().equals("script")) {
                complaints.add(step.place() + ": move the script into a bean, and call that.");
            }
            complaints.addAll(uri(step.place(), step.uri()));
            for (JsonNode when : step.options().path("when")) {
                complaints.addAll(predicate(step.place(), when));
            }
            if (step.kind().equals("filter")) {
                complaints.addAll(predicate(step.place(), step.options()));
            }
        }
        return complaints;
    }

    private static List<String> uri(String place, String uri) {
        List<String> complaints = new ArrayList<>();
        if (uri.contains("?")) {
            complaints.add(place + ": write the options of " + uri + " as parameters.");
        }
        if (SQL_COMPONENT.matcher(uri).matches()) {
            complaints.add(place + ": move " + uri + " into a repository, and call that.");
        }
        if (SCRIPT_COMPONENT.matcher(uri).matches()) {
            complaints.add(place + ": replace " + uri + " by a bean step.");
        }
        return complaints;
    }

    private static List<String> language(String file, JsonNode expression) {
        List<String> complaints = new ArrayList<>();
        expression.fieldNames().forEachRemaining(language -> {
            if (!LANGUAGES.contains(language)) {
                complaints.add(file + ": move the " + language + " expression into a bean, and call that with method.");
            }
        });
        String simple = expression.path("simple").path("expression").asText();
        if (simple.contains("${bean:") || simple.contains("${type:") || simple.contains("${groovy:")) {
            complaints.add(file + ": take the call out of " + simple + ", and write it as a bean step.");
        }
        return complaints;
    }

    private static List<String> predicate(String place, JsonNode node) {
        String predicate =
                node.path("expression").path("simple").path("expression").asText();
        return COMPARISON.matcher(predicate).matches()
                ? List.of()
                : List.of(place + ": let a bean decide, and compare what it gave with a literal in simple,"
                        + " such as ${variable.destination} == 'lanes-html'; here is \"" + predicate + "\".");
    }

    private static void expressions(JsonNode node, Consumer<JsonNode> action) {
        if (node.path("expression").isObject()) {
            action.accept(node.get("expression"));
        }
        node.forEach(child -> expressions(child, action));
    }

    private static void texts(JsonNode node, Consumer<String> action) {
        if (node.isTextual()) {
            action.accept(node.asText());
        }
        node.properties().forEach(entry -> {
            if (!Set.of("description", "note").contains(entry.getKey())) {
                texts(entry.getValue(), action);
            }
        });
        if (node.isArray()) {
            node.forEach(child -> texts(child, action));
        }
    }
}
