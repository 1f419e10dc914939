package io.bactrian;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.RouteFiles.Route;
import io.bactrian.RouteFiles.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Processor;

/**
 * What {@code routes/} and Java owe each other: beans and methods, operations, destinations of the outbox.
 *
 * <p>Each check gives complaints, each a sentence that says what to do; none means that both sides fit.
 */
final class RouteBindings {
    private static final Pattern DESTINATION = Pattern.compile("\\$\\{variable\\.destination} == '([^']*)'");

    private RouteBindings() {}

    /** Every bean that a file names exists, is of the type that its place asks for, and has the method. */
    static List<String> beans(RouteFiles files, SpringBeans beans) {
        List<String> complaints = new ArrayList<>();
        for (Step step : files.steps()) {
            switch (step.kind()) {
                case "bean" -> complaints.addAll(method(step.place(), step.options(), beans));
                case "process" -> complaints.addAll(instance(step.place(), step.option("ref"), Processor.class, beans));
                default -> {}
            }
            JsonNode strategy = step.options().path("aggregationStrategy");
            if (!strategy.isMissingNode()) {
                complaints.addAll(instance(step.place(), strategy.asText(), AggregationStrategy.class, beans));
            }
        }
        files.files().forEach((file, content) -> {
            for (JsonNode call : content.findValues("method")) {
                if (call.isObject()) {
                    complaints.addAll(method(file, call, beans));
                }
            }
            for (JsonNode name : content.findValues("consumerComponentName")) {
                complaints.addAll(instance(file, name.asText(), Object.class, beans));
            }
        });
        return complaints;
    }

    private static List<String> method(String place, JsonNode call, SpringBeans beans) {
        String name = call.path("ref").asText();
        List<String> complaints = new ArrayList<>(instance(place, name, Object.class, beans));
        String signature = call.path("method").asText();
        String method = signature.contains("(") ? signature.substring(0, signature.indexOf('(')) : signature;
        beans.type(name).ifPresent(type -> {
            if (method.isEmpty()) {
                complaints.add(place + ": name the method of " + name + " to call.");
            } else if (!SpringBeans.hasPublicMethod(type, method)) {
                complaints.add(place + ": " + type.getSimpleName() + " has no public method " + method
                        + "; write it, or correct the name.");
            }
        });
        return complaints;
    }

    private static List<String> instance(String place, String name, Class<?> required, SpringBeans beans) {
        return beans.type(name)
                .map(type -> required.isAssignableFrom(type)
                        ? List.<String>of()
                        : List.of(place + ": " + name + " must implement " + required.getSimpleName()
                                + " to stand here."))
                .orElseGet(() -> List.of(place + ": there is no Spring bean \"" + name + "\"; name one by its ref."));
    }

    /** Every operation of the documents is a route that admits the call first and answers it last. */
    static List<String> operations(RouteFiles files, Collection<String> operations) {
        List<String> complaints = new ArrayList<>();
        Set<String> missing = new HashSet<>(operations);
        for (Route route : files.routes()) {
            if (!missing.remove(route.id())) {
                continue;
            }
            if (!isProcess(route.firstStep(), "admitCall")) {
                complaints.add(
                        route.place() + ": begin with the step process: {ref: admitCall}, or anyone may call it.");
            }
            if (!isProcess(route.lastStep(), "answer")) {
                complaints.add(route.place() + ": end with the step process: {ref: answer}.");
            }
        }
        missing.stream()
                .sorted()
                .forEach(operation -> complaints.add("The operation " + operation
                        + " has no route: write the route of this id from direct:" + operation + "."));
        return complaints;
    }

    private static boolean isProcess(JsonNode step, String bean) {
        return step.path("process").path("ref").asText().equals(bean);
    }

    /** Every destination of the outbox has its branch, which sends to the broker in a step named after it, and no more. */
    static List<String> destinations(RouteFiles files, Collection<String> destinations) {
        List<String> complaints = new ArrayList<>();
        Set<String> missing = new HashSet<>(destinations);
        for (Step choice : files.steps()) {
            for (JsonNode when : choice.options().path("when")) {
                Matcher condition = DESTINATION.matcher(when.path("expression")
                        .path("simple")
                        .path("expression")
                        .asText());
                if (condition.matches()) {
                    String destination = condition.group(1);
                    if (!missing.remove(destination)) {
                        complaints.add(choice.place() + ": no other message goes to '" + destination
                                + "'; remove this branch, or add the constant to Destination.");
                    }
                    JsonNode to = when.path("steps").path(0).path("to");
                    if (!to.path("id").asText().equals("to-" + destination)
                            || !to.path("uri").asText().startsWith("jms:")) {
                        complaints.add(choice.place() + ": the branch '" + destination
                                + "' sends to jms: in a step with" + " the id to-" + destination + ".");
                    }
                }
            }
        }
        missing.stream()
                .sorted()
                .forEach(destination -> complaints.add("Messages to '" + destination
                        + "' would be forgotten unsent: give them a branch in routes/ops.camel.yaml."));
        return complaints;
    }
}
