package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.outbox.Destination;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the rules of {@code routes/} (see its README); {@link RouteRulesTest} shows what breaks them. */
class RoutesTest {
    private static final RouteFiles ROUTES = RouteFiles.in(Path.of("routes"));
    private static final List<String> OPERATIONS =
            new Contract().operations().stream().map(Operation::operationId).toList();

    @Test
    void thereAreRoutes() {
        assertThat(ROUTES.routes()).hasSizeGreaterThan(OPERATIONS.size());
        assertThat(ROUTES.steps()).isNotEmpty();
        assertThat(OPERATIONS).isNotEmpty();
    }

    @Test
    void filesAreValidByTheSchemaOfCamel() {
        assertThat(new RouteSchema().complaints(ROUTES)).isEmpty();
    }

    @Test
    void routesAreNamedDescribedAndHaveAnErrorConfiguration() {
        assertThat(RouteRules.identity(ROUTES)).isEmpty();
    }

    @Test
    void directNamesLeadToTheRouteOfTheSameName() {
        assertThat(RouteRules.connections(ROUTES, OPERATIONS)).isEmpty();
    }

    @Test
    void queuesAndTopicsExistAtTheBroker() {
        assertThat(RouteRules.queues(ROUTES, BrokerAddresses.in(Path.of("config", "broker.xml"))))
                .isEmpty();
    }

    @Test
    void whatLeavesByHttpPassesTheGuard() {
        assertThat(RouteRules.guardedClients(ROUTES)).isEmpty();
    }

    @Test
    void whatBeginsWithAClockFailsAsHousekeepingDoes() {
        assertThat(RouteRules.timers(ROUTES)).isEmpty();
    }

    @Test
    void listenersStayUntilTheServiceStops() {
        assertThat(RouteRules.listeners(ROUTES)).isEmpty();
    }

    @Test
    void filesHoldNoTemplatesScriptsOrSql() {
        assertThat(RouteRules.plainness(ROUTES)).isEmpty();
    }

    @Test
    void beansAndTheirMethodsExist() {
        assertThat(RouteBindings.beans(ROUTES, SpringBeans.ofTheHouse())).isEmpty();
    }

    @Test
    void everyOperationIsAdmittedAndAnswered() {
        assertThat(RouteBindings.operations(ROUTES, OPERATIONS)).isEmpty();
    }

    @Test
    void everyDestinationOfTheOutboxHasItsBranch() {
        Set<String> destinations = Set.copyOf(
                Arrays.stream(Destination.values()).map(Destination::routeName).toList());
        assertThat(RouteBindings.destinations(ROUTES, destinations)).isEmpty();
    }

    @Test
    void theReadmeListsEveryFile() {
        assertThat(ROUTES.files().keySet())
                .allSatisfy(file -> assertThat(Path.of("routes", "README.md"))
                        .content()
                        .as("Add %s to routes/README.md, where it is to be read.", file)
                        .contains("`" + Path.of(file).getFileName() + "`"));
    }
}
