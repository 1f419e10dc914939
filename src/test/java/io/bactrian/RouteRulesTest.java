package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Component;

/** Shows that the rules of {@code routes/} notice what they are there for. */
class RouteRulesTest {
    private static final BrokerAddresses BROKER = new BrokerAddresses(Set.of("known.queue"), Set.of("known.topic"));
    private static final SpringBeans BEANS = SpringBeans.of(Greeter.class, Doors.class, Gathering.class);

    private static final String GOOD = """
            - routeConfiguration:
                id: errors
            - route:
                id: greet
                description: Greets whoever comes, e-mail or not.
                routeConfigurationId: errors
                from:
                  uri: direct:greet
                  steps:
                    - process:
                        ref: admitCall
                    - split:
                        aggregationStrategy: gathering
                        expression:
                          method:
                            ref: greeter
                            method: guests
                        steps:
                          - bean:
                              ref: greeter
                              method: greet(${variable.name})
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: "${variable.destination} == 'known'"
                            steps:
                              - to:
                                  id: to-known
                                  uri: jms:queue:known.queue
                    - process:
                        ref: answer
            """;

    @Test
    void aGoodFileBreaksNoRule() {
        RouteFiles good = RouteFiles.of(GOOD);
        assertThat(new RouteSchema().complaints(good)).isEmpty();
        assertThat(RouteRules.identity(good)).isEmpty();
        assertThat(RouteRules.connections(good, List.of("greet"))).isEmpty();
        assertThat(RouteRules.queues(good, BROKER)).isEmpty();
        assertThat(RouteRules.plainness(good)).isEmpty();
        assertThat(RouteBindings.beans(good, BEANS)).isEmpty();
        assertThat(RouteBindings.operations(good, List.of("greet"))).isEmpty();
        assertThat(RouteBindings.destinations(good, List.of("known"))).isEmpty();
    }

    @Test
    void theSchemaNoticesAMisspeltOption() {
        assertThat(new RouteSchema().complaints(goodBut("aggregationStrategy:", "agregationStrategy:")))
                .anyMatch(complaint -> complaint.contains("agregationStrategy"));
    }

    @Test
    void identityNoticesWhatIsMissingOrDouble() {
        assertThat(RouteRules.identity(goodBut("    id: greet\n", "")))
                .singleElement()
                .asString()
                .contains("give the route an id");
        assertThat(RouteRules.identity(goodBut("Greets whoever comes, e-mail or not.", "greets")))
                .singleElement()
                .asString()
                .contains("in one sentence");
        assertThat(RouteRules.identity(goodBut("comes, e-mail or not.", "comes. Then it goes.")))
                .singleElement()
                .asString()
                .contains("in one sentence");
        assertThat(RouteRules.identity(goodBut("routeConfigurationId: errors", "routeConfigurationId: eros")))
                .singleElement()
                .asString()
                .contains("\"eros\"");
        assertThat(RouteRules.identity(RouteFiles.of(GOOD + GOOD)))
                .hasSize(3)
                .allMatch(complaint -> complaint.endsWith("rename one."));
    }

    @Test
    void connectionsNoticeNamesThatLeadNowhereOrAreNotUsed() {
        assertThat(RouteRules.connections(goodBut("jms:queue:known.queue", "direct:nowhere"), List.of("greet")))
                .singleElement()
                .asString()
                .contains("no route begins with direct:nowhere");
        assertThat(RouteRules.connections(goodBut("    id: greet\n", "    id: salute\n"), List.of("greet")))
                .singleElement()
                .asString()
                .contains("are to be the same");
        assertThat(RouteRules.connections(RouteFiles.of(GOOD), List.of()))
                .singleElement()
                .asString()
                .contains("nothing sends to direct:greet");
    }

    @Test
    void guardedClientsNoticesRequestsThatNobodyChecks() {
        String guarded = "http:receiver\n                      parameters: {httpClient: '#bean:webhookHttpClient'}";
        assertThat(RouteRules.guardedClients(goodBut("jms:queue:known.queue", "http:receiver")))
                .hasSize(1);
        assertThat(RouteRules.guardedClients(goodBut("jms:queue:known.queue", "https://example.org")))
                .hasSize(1);
        assertThat(RouteRules.guardedClients(goodBut("jms:queue:known.queue", guarded)))
                .isEmpty();
    }

    @Test
    void listenersNoticeOnesThatEndByThemselves() {
        String listener = "jms:queue:known.queue\n      parameters: {%s: 100}";
        assertThat(RouteRules.listeners(goodBut("direct:greet", listener.formatted("maxMessagesPerTask"))))
                .hasSize(1);
        assertThat(RouteRules.listeners(goodBut("direct:greet", listener.formatted("idleReceivesPerTaskLimit"))))
                .hasSize(1);
        assertThat(RouteRules.listeners(goodBut("direct:greet", listener.formatted("maxConcurrentConsumers"))))
                .isEmpty();
    }

    @Test
    void timersNoticeOnesWhoseFailureTellsNoName() {
        assertThat(RouteRules.timers(goodBut("direct:greet", "timer:greet"))).hasSize(1);
        assertThat(RouteRules.timers(goodBut("direct:greet", "quartz:greet"))).hasSize(1);
        assertThat(RouteRules.timers(goodBut("direct:greet", "direct:greet"))).isEmpty();
    }

    @Test
    void queuesNoticeAddressesThatAreUnknownOrNotLiteral() {
        for (String uri : List.of(
                "jms:queue:known.topic",
                "jms:topic:known.queue",
                "jms:known.queue",
                "jms:queue:{{queue}}",
                "jms:queue:${body}",
                "\"{{anywhere}}\"")) {
            assertThat(RouteRules.queues(goodBut("jms:queue:known.queue", uri), BROKER))
                    .as(uri)
                    .hasSize(1);
            assertThat(RouteRules.queues(goodBut("uri: direct:greet", "uri: " + uri), BROKER))
                    .as(uri)
                    .hasSize(1);
        }
        assertThat(RouteRules.queues(goodBut("id: to-known", "id: known"), BROKER))
                .singleElement()
                .asString()
                .contains("begins with to-");
    }

    @Test
    void plainnessNoticesTemplatesScriptsAndSql() {
        assertThat(RouteRules.plainness(RouteFiles.of("- routeTemplate:\n    id: t\n")))
                .singleElement()
                .asString()
                .contains("routeTemplate");
        assertThat(RouteRules.plainness(goodBut(
                        "method:\n                ref: greeter\n                method: guests",
                        "groovy:\n                expression: body")))
                .singleElement()
                .asString()
                .contains("groovy");
        for (String uri : List.of("sql:whatever", "language:groovy", "log:x?level=INFO")) {
            assertThat(RouteRules.plainness(goodBut("jms:queue:known.queue", uri)))
                    .as(uri)
                    .hasSize(1);
        }
        assertThat(RouteRules.plainness(goodBut("greet(${variable.name})", "greet('SELECT name FROM guests')")))
                .singleElement()
                .asString()
                .contains("into a repository");
        assertThat(RouteRules.plainness(
                        goodBut("process:\n            ref: answer", "script:\n            expression: x")))
                .singleElement()
                .asString()
                .contains("into a bean");
        assertThat(RouteRules.plainness(goodBut("process:\n            ref: answer", "to: direct:greet")))
                .singleElement()
                .asString()
                .contains("canonical");
        for (String predicate :
                List.of("${body.size} > 3", "${variable.a} == ${variable.b}", "${variable.a} == 1 && ${body}")) {
            assertThat(RouteRules.plainness(goodBut("${variable.destination} == 'known'", predicate)))
                    .singleElement()
                    .asString()
                    .contains("let a bean decide");
        }
        assertThat(RouteRules.plainness(goodBut("${variable.destination} == 'known'", "${bean:greeter.ready}")))
                .anyMatch(complaint -> complaint.contains("as a bean step"));
    }

    @Test
    void beansNoticeNamesMethodsAndTypesThatDoNotFit() {
        for (List<String> change : List.of(
                List.of("ref: admitCall", "ref: nobody"),
                List.of("ref: admitCall", "ref: greeter"),
                List.of("aggregationStrategy: gathering", "aggregationStrategy: greeter"),
                List.of("method: guests", "method: nothing"),
                List.of("method: greet(", "method: secret("),
                List.of("method: greet(${variable.name})", "description: no method"))) {
            assertThat(RouteBindings.beans(goodBut(change.getFirst(), change.getLast()), BEANS))
                    .as(change.toString())
                    .hasSize(1);
        }
    }

    @Test
    void operationsNoticeAMissingRouteAndAnUnguardedOne() {
        assertThat(RouteBindings.operations(RouteFiles.of(GOOD), List.of("greet", "part")))
                .singleElement()
                .asString()
                .contains("The operation part has no route");
        assertThat(RouteBindings.operations(goodBut("ref: admitCall", "ref: answer"), List.of("greet")))
                .singleElement()
                .asString()
                .contains("anyone may call it");
        assertThat(RouteBindings.operations(goodBut("ref: answer", "ref: admitCall"), List.of("greet")))
                .singleElement()
                .asString()
                .contains("end with");
    }

    @Test
    void destinationsNoticeAMissingBranchAndAnIdleOne() {
        assertThat(RouteBindings.destinations(RouteFiles.of(GOOD), List.of("known", "new")))
                .singleElement()
                .asString()
                .contains("'new' would be forgotten unsent");
        assertThat(RouteBindings.destinations(RouteFiles.of(GOOD), List.of()))
                .singleElement()
                .asString()
                .contains("remove this branch");
        assertThat(RouteBindings.destinations(goodBut("id: to-known", "id: to-other"), List.of("known")))
                .singleElement()
                .asString()
                .contains("the id to-known");
    }

    private static RouteFiles goodBut(String text, String replacement) {
        assertThat(GOOD).contains(text);
        return RouteFiles.of(GOOD.replace(text, replacement));
    }

    @Component("greeter")
    static class Greeter {
        public List<String> guests() {
            return List.of();
        }

        public void greet(String name) {}

        void secret() {}
    }

    @Configuration
    static class Doors {
        @Bean({"admitCall", "answer"})
        Processor door() {
            return exchange -> {};
        }
    }

    @Component("gathering")
    static class Gathering implements AggregationStrategy {
        @Override
        public Exchange aggregate(Exchange before, Exchange next) {
            return next;
        }
    }
}
