package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.diagnostics.FailureAnalysis;

class RouteCheckTest {
    private final DefaultCamelContext flow = new DefaultCamelContext();
    private final RouteCheck check = new RouteCheck();

    @TempDir
    private Path directory;

    @AfterEach
    void close() throws IOException {
        flow.close();
    }

    @Test
    void aStepThatSendsToNoRouteIsRefusedWithItsFileItsLineAndTheNearestName() throws Exception {
        load("""
                - route:
                    id: submit
                    from:
                      uri: direct:submit
                      steps:
                        - choice:
                            when:
                              - expression:
                                  simple:
                                    expression: "${body} == null"
                                steps:
                                  - to:
                                      uri: direct:outbox-dispach
                - route:
                    id: outbox-dispatch
                    from:
                      uri: direct:outbox-dispatch
                      steps:
                        - stop: {}
                """);

        assertThatThrownBy(() -> check.beforeApplicationStart(flow))
                .isInstanceOf(RoutesRefusedException.class)
                .hasMessage(
                        "%s:12 sends to direct:outbox-dispach, but no route begins with it. Write direct:outbox-dispatch,"
                                        .formatted(file())
                                + " or add a route of that name.");
    }

    @Test
    void aStepOfAnErrorConfigurationIsHeldToo() throws Exception {
        load("""
                - routeConfiguration:
                    id: errors
                    onException:
                      - onException:
                          exception:
                            - java.lang.Exception
                          steps:
                            - to:
                                uri: seda:nowhere
                - route:
                    id: submit
                    routeConfigurationId: errors
                    from:
                      uri: direct:submit
                      steps:
                        - toD:
                            uri: "direct:${header.next}"
                        - wireTap:
                            uri: direct:submitt
                """);

        assertThatThrownBy(() -> check.beforeApplicationStart(flow))
                .hasMessageContaining(":8 sends to seda:nowhere, but no route begins with it.")
                .hasMessageContaining(":18 sends to direct:submitt, but no route begins with it. Write direct:submit,");
    }

    @Test
    void routesThatOthersCallAreStartedFirst() throws Exception {
        load("""
                - route:
                    id: tick
                    from:
                      uri: timer:tick
                      steps:
                        - to:
                            uri: direct:submit
                - route:
                    id: submit
                    from:
                      uri: direct:submit
                      steps:
                        - stop: {}
                """);

        check.beforeApplicationStart(flow);

        assertThat(flow.getRouteDefinition("submit"))
                .extracting(RouteDefinition::getStartupOrder)
                .isEqualTo(1);
        assertThat(flow.getRouteDefinition("tick").getStartupOrder()).isNull();
    }

    @Test
    void aBeanOrMethodThatDoesNotExistIsRefusedWithItsFileAndLine() throws Exception {
        load("""
                - route:
                    id: scrape
                    from:
                      uri: direct:scrape
                      steps:
                        - bean:
                            ref: scraper
                            method: scrape(${body}, 1)
                        - setVariable:
                            name: step
                            expression:
                              method:
                                ref: scraper
                                method: incrementAndGett
                        - process:
                            ref: anwser
                """);

        assertThatThrownBy(() -> check.beforeApplicationStart(flow))
                .hasMessageContaining(file() + ":6 names the bean scraper, which does not exist.")
                .hasMessageContaining(":15 names the bean anwser, which does not exist.");
        flow.getRegistry().bind("scraper", new AtomicInteger());
        assertThatThrownBy(() -> check.beforeApplicationStart(flow))
                .hasMessageContaining(":6 calls the method scrape of scraper, which does not exist.")
                .hasMessageContaining(
                        ":9 calls the method incrementAndGett of scraper, which does not exist. Write incrementAndGet, or add it.");
    }

    @Test
    void whatCamelItselfFindsWrongIsASentenceToo() throws Exception {
        load("""
                - route:
                    id: scrape
                    from:
                      uri: direct:scrape
                      steps:
                        - to:
                            uri: telepathy:somewhere
                """);
        check.beforeApplicationStart(flow);

        FailureAnalysis failure = new RoutesRefusedAnalyzer()
                .analyze(new IllegalStateException("wrapped by Camel", catchThrowable(flow::start)));

        assertThat(failure).isNotNull();
        assertThat(failure.getDescription())
                .startsWith("The route scrape cannot be made: ")
                .contains("telepathy")
                .endsWith(". Correct its file, and start again.");
    }

    private Path file() {
        return directory.resolve("sample.camel.yaml");
    }

    private void load(String routes) throws Exception {
        Files.writeString(file(), routes);
        PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.resolveResource(flow, "file:" + file()));
    }
}
