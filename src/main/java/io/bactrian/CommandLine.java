package io.bactrian;

import io.bactrian.account.MasterKeyRotation;
import io.bactrian.account.Tokens;
import io.bactrian.billing.BillingCommandApplication;
import io.bactrian.billing.Reconciliation;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.credit.LedgerCheckApplication;
import io.bactrian.demo.DemoCommand;
import io.bactrian.demo.DemoException;
import io.bactrian.demo.PlacesDemoCommand;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SampleShop;
import io.bactrian.embedded.DataDirectoryCleaner;
import io.bactrian.recovery.DeadLetter;
import io.bactrian.recovery.DeadLetters;
import io.bactrian.recovery.DeadLettersApplication;
import jakarta.jms.JMSException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final String BILLING_HELP = """
            Usage: ./bactrian billing reconcile [--repair]

            Compares what the payment providers list with what is stored: subscriptions that have not ended, and what was paid
            in the last 35 days. Prints a sentence for each difference. Beside a running service too.

              --repair  take in what the providers say: plans, invoices, and the credits and units that were paid for

            Status 0 where the books are the same, 1 where they differ or could not be compared.""";

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
            case "billing" -> billing(options);
            case "dead-letters" -> deadLetters(options);
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

    /** Compares the payment providers' books with the service's, beside a running service or without one. */
    private static void billing(List<String> options) {
        if (options.contains("--help")) {
            System.out.println(BILLING_HELP);
            return;
        }
        boolean repair = options.equals(List.of("reconcile", "--repair"));
        if (!repair && !options.equals(List.of("reconcile"))) {
            fail("bactrian: the books can be compared: ./bactrian billing reconcile [--repair]");
        }
        int status;
        try (ConfigurableApplicationContext context = start(
                BillingCommandApplication.class,
                Map.of(
                        "bactrian.postgres.join", "true",
                        "spring.artemis.broker-url", "vm://none",
                        "spring.main.lazy-initialization", "true",
                        // A database without this version's tables is said to be so below.
                        "spring.jpa.hibernate.ddl-auto", "none",
                        "spring.datasource.hikari.maximum-pool-size", "2",
                        "server.port", "0",
                        "management.server.port", "0"),
                WebApplicationType.NONE)) {
            status = reconcile(context, repair);
        } catch (DataAccessException | TransactionException e) {
            System.err.println("bactrian: the database cannot be read (%s). See that it is running, and compare again."
                    .formatted(NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
            status = 1;
        }
        System.exit(status);
    }

    private static int reconcile(ConfigurableApplicationContext context, boolean repair) {
        if (!BillingCommandApplication.hasTables(context)) {
            System.err.println(
                    "bactrian: this database has no books of this version. Start the service once with ./bactrian up, which makes them.");
            return 1;
        }
        Reconciliation.Report report = context.getBean(Reconciliation.class).run(repair);
        report.differences().forEach(System.out::println);
        if (report.differences().isEmpty()) {
            System.out.printf(
                    "The books are the same: %d objects of the providers were compared.%n", report.compared());
            return 0;
        }
        System.out.printf(
                repair
                        ? "%d differences; what the providers say was taken in. Compare again to see what is left.%n"
                        : "%d differences. ./bactrian billing reconcile --repair takes in what the providers say.%n",
                report.differences().size());
        return 1;
    }

    /** Looks at dead letters, replays or drops them, beside a running service or without one. */
    private static void deadLetters(List<String> options) {
        String verb = options.isEmpty() ? "" : options.getFirst();
        boolean list = options.equals(List.of("list"));
        boolean one = options.size() == 2 && options.getLast().matches("[0-9]{1,18}");
        boolean all = options.size() == 2 && options.getLast().equals("all");
        if (!list
                && !(verb.equals("show") && one)
                && !(List.of("replay", "drop").contains(verb) && (one || all))) {
            fail(
                    "bactrian: dead letters can be seen, sent back to their queues, and dropped: ./bactrian dead-letters list,"
                            + " show ID, replay ID|all, or drop ID|all");
        }
        int status;
        try (ConfigurableApplicationContext context = start(
                DeadLettersApplication.class,
                Map.of(
                        "bactrian.postgres.join", "true",
                        "spring.artemis.pool.enabled", "false",
                        "spring.jms.cache.enabled", "false",
                        "spring.datasource.hikari.maximum-pool-size", "1",
                        "server.port", "0",
                        "management.server.port", "0"),
                WebApplicationType.NONE)) {
            DeadLetters letters = context.getBean(DeadLetters.class);
            status = switch (verb) {
                case "list" -> list(letters);
                case "show" -> show(letters, Long.parseLong(options.getLast()));
                case "replay" ->
                    all
                            ? done("Sent %d dead letters back to their queues.%n", letters.replayAll())
                            : done(letters.replay(Long.parseLong(options.getLast())), "It is back in its queue.");
                default ->
                    all
                            ? done("Dropped %d dead letters.%n", letters.dropAll())
                            : done(letters.drop(Long.parseLong(options.getLast())), "It is dropped.");
            };
        } catch (JMSException e) {
            System.err.println(
                    "bactrian: the broker cannot be asked (%s). See that the service is running, and try again."
                            .formatted(e.getMessage()));
            status = 1;
        }
        System.exit(status);
    }

    private static int list(DeadLetters letters) throws JMSException {
        int count = letters.forEach(letter -> System.out.printf(
                "%d  %s  sent %s  %s  %s%n",
                letter.id(),
                letter.queue(),
                letter.sentAt(),
                letter.work() == null ? "names no work" : letter.work(),
                letter.reason() == null ? "no reason noted" : letter.reason()));
        System.out.printf("%d dead letters.%n", count);
        return 0;
    }

    private static int show(DeadLetters letters, long id) throws JMSException {
        Optional<DeadLetter> found = letters.find(id);
        found.ifPresent(letter -> System.out.printf(
                "queue: %s%nsent: %s%nwork: %s%nreason: %s%nbody: %s%n",
                letter.queue(),
                letter.sentAt(),
                letter.work() == null ? "none is named" : letter.work(),
                letter.reason() == null ? "none was noted" : letter.reason(),
                letter.body()));
        return found.isPresent() ? 0 : done(false, "");
    }

    private static int done(boolean found, String message) {
        if (found) {
            System.out.println(message);
            return 0;
        }
        System.err.println("bactrian: there is no dead letter of that number: see ./bactrian dead-letters list");
        return 1;
    }

    private static int done(String format, int count) {
        System.out.printf(format, count);
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
