package io.bactrian.ops;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.spi.Registry;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Refuses a flow in which a step sends to a route, or names a bean or a method, that does not exist, before anything is started.
 *
 * <p>Routes that others call are started before those that consume from outside, so that no message comes too early for them.
 */
@Component
final class RouteCheck implements CamelContextConfiguration {
    private static final List<String> INSIDE = List.of("direct:", "seda:");

    @Override
    public void beforeApplicationStart(CamelContext context) {
        ModelCamelContext flow = (ModelCamelContext) context;
        List<String> complaints = complaints(flow);
        if (!complaints.isEmpty()) {
            throw new RoutesRefusedException(String.join(" ", complaints));
        }
        int order = 1;
        for (RouteDefinition route : flow.getRouteDefinitions()) {
            if (isInside(from(route))) {
                route.setStartupOrder(order++);
            }
        }
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        // Everything has been said before.
    }

    private static List<String> complaints(ModelCamelContext flow) {
        Set<String> targets = flow.getRouteDefinitions().stream()
                .map(RouteCheck::from)
                .filter(RouteCheck::isInside)
                .collect(Collectors.toCollection(TreeSet::new));
        Stream<List<ProcessorDefinition<?>>> routes =
                flow.getRouteDefinitions().stream().map(ProcessorDefinition::getOutputs);
        Stream<List<ProcessorDefinition<?>>> failures = flow.getRouteConfigurationDefinitions().stream()
                .flatMap(configuration -> configuration.getOnExceptions().stream())
                .map(ProcessorDefinition::getOutputs);
        List<String> complaints = new ArrayList<>();
        Stream.concat(routes, failures).flatMap(RouteCheck::steps).forEach(step -> {
            dangling(step, targets).ifPresent(complaints::add);
            missing(step, flow.getRegistry()).ifPresent(complaints::add);
        });
        return complaints;
    }

    private static Optional<String> dangling(NamedNode step, Set<String> targets) {
        @Nullable String uri = target(step);
        if (uri == null || !isInside(uri) || targets.contains(name(uri))) {
            return Optional.empty();
        }
        return Optional.of("%s sends to %s, but no route begins with it. Write %s, or add a route of that name."
                .formatted(place(step), name(uri), nearest(name(uri), targets)));
    }

    private static Optional<String> missing(NamedNode step, Registry beans) {
        return switch (step) {
            case BeanDefinition bean -> missing(step, beans, bean.getRef(), bean.getMethod());
            case ProcessDefinition processor -> missing(step, beans, processor.getRef(), null);
            case ExpressionNode node ->
                node.getExpression() instanceof MethodCallExpression method
                        ? missing(step, beans, method.getRef(), method.getMethod())
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<String> missing(
            NamedNode step, Registry beans, @Nullable String name, @Nullable String call) {
        if (name == null) {
            return Optional.empty();
        }
        @Nullable Object bean = beans.lookupByName(name);
        if (bean == null) {
            return Optional.of(
                    "%s names the bean %s, which does not exist. Correct the name.".formatted(place(step), name));
        }
        return call == null ? Optional.empty() : missing(step, name, bean.getClass(), call);
    }

    private static Optional<String> missing(NamedNode step, String bean, Class<?> type, String call) {
        int arguments = call.indexOf('(');
        String method = arguments < 0 ? call : call.substring(0, arguments);
        Set<String> methods =
                Arrays.stream(type.getMethods()).map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
        return methods.contains(method)
                ? Optional.empty()
                : Optional.of("%s calls the method %s of %s, which does not exist. Write %s, or add it."
                        .formatted(place(step), method, bean, nearest(method, methods)));
    }

    /** All steps, also those inside of others. */
    @SuppressWarnings("rawtypes")
    private static Stream<ProcessorDefinition> steps(List<ProcessorDefinition<?>> outputs) {
        Collection<ProcessorDefinition> steps =
                ProcessorDefinitionHelper.filterTypeInOutputs(outputs, ProcessorDefinition.class);
        return steps.stream();
    }

    private static @Nullable String target(NamedNode step) {
        return switch (step) {
            case EndpointRequiredDefinition sending -> sending.getEndpointUri();
            case ToDynamicDefinition sending -> sending.getUri();
            default -> null;
        };
    }

    private static String from(RouteDefinition route) {
        return name(route.getInput().getEndpointUri());
    }

    private static boolean isInside(String uri) {
        // What a message or a setting decides is not known yet.
        return INSIDE.stream().anyMatch(uri::startsWith) && !uri.contains("${") && !uri.contains("{{");
    }

    /** The URI without its parameters and the slashes that Camel allows. */
    private static String name(String uri) {
        int query = uri.indexOf('?');
        return (query < 0 ? uri : uri.substring(0, query)).replaceFirst("^(direct|seda)://", "$1:");
    }

    private static String nearest(String wrong, Set<String> targets) {
        return targets.stream()
                .min(Comparator.comparingInt(target -> distance(wrong, target)))
                .orElse("the name of one");
    }

    /** The letters to insert, remove or replace (Levenshtein). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    /** The file as it was named, and the line. */
    private static String place(NamedNode step) {
        return String.valueOf(step.getLocation()).replaceFirst("^file:", "") + ":" + step.getLineNumber();
    }
}
