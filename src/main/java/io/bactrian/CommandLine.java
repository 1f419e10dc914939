package io.bactrian;

import io.bactrian.account.MasterKeyRotation;
import io.bactrian.account.Tokens;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.credit.LedgerCheckApplication;
import io.bactrian.demo.DemoCommand;
import io.bactrian.demo.DemoException;
import io.bactrian.demo.PlacesDemoCommand;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SampleShop;
import io.bactrian.embedded.DataDirectoryCleaner;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** The commands of the launcher {@code ./bactrian} that Java carries out. */
final class CommandLine {
    private CommandLine() {}

    static void run(String[] arguments) {
        String command = arguments.length == 0 ? "up" : arguments[0];
        List<String> options = Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
        switch (command) {
            case "up" -> up(options);
            case "demo" -> demo(options);
            case "trial" -> trial();
            case "rotate-signing-key" -> rotateSigningKey();
            case "rotate-master-key" -> rotateMasterKey();
            case "ledger" -> ledger(options);
            default ->
                fail("bactrian: unknown command \"%s\". Run ./bactrian help to see what there is.".formatted(command));
        }
    }

    private static void up(List<String> options) {
        ConfigurableApplicationContext context =
                start(Map.of(), WebApplicationType.SERVLET, options.toArray(String[]::new));
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        System.out.printf(
                "Bactrian is ready at http://localhost:%s (documentation at /docs). Stop it with Ctrl-C.%n", port);
    }

    private static void demo(List<String> options) {
        boolean places = options.contains("places");
        boolean exit = options.contains("--exit");
        if (options.size() != (places ? 1 : 0) + (exit ? 1 : 0)) {
            fail(
                    "bactrian: there are two demonstrations: ./bactrian demo [--exit] and ./bactrian demo places [--exit]");
        }
        if (places) {
            demoOfPlaces(exit);
        } else {
            demoOfPages(exit);
        }
    }

    /** Lets a newcomer's client scrape the sample shop. */
    private static void demoOfPages(boolean exit) {
        SampleShop shop =
                opened(() -> SampleShop.open(Integer.getInteger("bactrian.demo.shop-port", SampleShop.DEFAULT_PORT)));
        Path data = Path.of("var", "demo");
        // The whole shop costs more than the free plan's month.
        Map<String, Object> settings = Map.of("bactrian.plans.selextract.free.compute-units-limit", 100_000);
        demo(
                "a sample shop",
                data,
                settings,
                exit,
                service -> new DemoCommand(service, shop, data, System.out, Boolean.getBoolean("bactrian.terminal"))
                        .run(exit));
    }

    /** Lets a newcomer's client search the sample map. */
    private static void demoOfPlaces(boolean exit) {
        SampleMap map =
                opened(() -> SampleMap.open(Integer.getInteger("bactrian.demo.map-port", SampleMap.DEFAULT_PORT)));
        Path data = Path.of("var", "demo-places");
        Map<String, Object> settings = Map.of(
                "bactrian.places.default-provider",
                "google-maps",
                "bactrian.places.google-maps.base-url",
                map.address().toString());
        demo(
                "a sample map",
                data,
                settings,
                exit,
                service -> new PlacesDemoCommand(
                                service, map, data, System.out, Boolean.getBoolean("bactrian.terminal"))
                        .run(exit));
    }

    /** Starts a fresh service on its own data, which may visit the sample site, and shows it. */
    private static void demo(
            String name, Path data, Map<String, Object> settings, boolean exit, Consumer<URI> command) {
        try {
            DataDirectoryCleaner.clean(data);
        } catch (BactrianException e) {
            fail("bactrian: " + e.getMessage());
        }
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.put("bactrian.data-directory", data.toString());
        all.put("bactrian.egress.allow", "127.0.0.1");
        System.out.printf("Starting Bactrian with %s…%n", name);
        ConfigurableApplicationContext context = start(all, WebApplicationType.SERVLET);
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        try {
            command.accept(URI.create("http://127.0.0.1:" + port));
        } catch (DemoException e) {
            context.close();
            fail("bactrian: " + e.getMessage());
        }
        if (exit) {
            context.close();
            System.exit(0);
        }
    }

    private static <T> T opened(Supplier<T> site) {
        try {
            return site.get();
        } catch (DemoException e) {
            fail("bactrian: " + e.getMessage());
            throw e;
        }
    }

    /** Starts and stops once, so that the JVM can archive the classes that a start needs. */
    private static void trial() {
        start(Map.of(), WebApplicationType.SERVLET).close();
        System.exit(0);
    }

    private static void rotateMasterKey() {
        try (ConfigurableApplicationContext context = startWithoutRoutes()) {
            int secrets = context.getBean(MasterKeyRotation.class).rotate();
            System.out.printf(
                    "%d stored secrets are encrypted with the present master key. Previous ones are needed no more.%n",
                    secrets);
        }
    }

    private static void rotateSigningKey() {
        try (ConfigurableApplicationContext context = startWithoutRoutes()) {
            context.getBean(Tokens.class).rotate();
            System.out.println(
                    "New tokens are signed with a new key. Tokens that are out stay valid until they expire.");
        }
    }

    private static ConfigurableApplicationContext startWithoutRoutes() {
        return start(Map.of("camel.main.auto-startup", "false", "server.port", "0"), WebApplicationType.SERVLET);
    }

    /** Looks for mistakes in the ledger, beside a running service or without one. */
    private static void ledger(List<String> options) {
        if (!options.equals(List.of("check"))) {
            fail("bactrian: the ledger can be checked: ./bactrian ledger check");
        }
        int status;
        try (ConfigurableApplicationContext context = start(
                LedgerCheckApplication.class,
                Map.of(
                        "bactrian.postgres.join", "true",
                        "spring.artemis.broker-url", "vm://none",
                        "spring.datasource.hikari.maximum-pool-size", "1",
                        "server.port", "0",
                        "management.server.port", "0"),
                WebApplicationType.NONE)) {
            status = check(context.getBean(LedgerCheck.class));
        } catch (DataAccessException | TransactionException e) {
            System.err.println("bactrian: the database cannot be read (%s). See that it is running, and check again."
                    .formatted(NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
            status = 1;
        }
        System.exit(status);
    }

    private static int check(LedgerCheck ledger) {
        if (!ledger.hasLedger()) {
            System.err.println(
                    "bactrian: this database has no ledger of this version. Start the service once with ./bactrian up, which makes it.");
            return 1;
        }
        LedgerCheck.Result result = ledger.run(System.out::println);
        if (result.differences() > 0) {
            return 1;
        }
        System.out.printf(
                "The ledger is right: %d transfers of %d accounts add up to their balances, and %d reservations are those of open work.%n",
                result.transfers(), result.accounts(), result.reservations());
        return 0;
    }

    private static ConfigurableApplicationContext start(
            Map<String, Object> settings, WebApplicationType type, String... arguments) {
        return start(Bactrian.class, settings, type, arguments);
    }

    private static ConfigurableApplicationContext start(
            Class<?> application, Map<String, Object> settings, WebApplicationType type, String... arguments) {
        String[] all = Stream.concat(
                        settings.entrySet().stream().map(setting -> "--" + setting.getKey() + "=" + setting.getValue()),
                        Arrays.stream(arguments))
                .toArray(String[]::new);
        try {
            return new SpringApplicationBuilder(application).web(type).run(all);
        } catch (RuntimeException reported) {
            // The reason has been reported already: as one sentence where it is known, else in the log.
            System.exit(1);
            throw reported;
        }
    }

    private static void fail(String message) {
        System.err.println(message);
        System.exit(1);
    }
}
