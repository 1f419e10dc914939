package io.bactrian;

import io.bactrian.account.MasterKeyRotation;
import io.bactrian.account.Tokens;
import io.bactrian.demo.DemoCommand;
import io.bactrian.demo.DemoException;
import io.bactrian.demo.SampleShop;
import io.bactrian.embedded.DataDirectoryCleaner;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The commands of the launcher {@code ./bactrian} that Java carries out. */
final class CommandLine {
    private CommandLine() {}

    static void run(String[] arguments) {
        String command = arguments.length == 0 ? "up" : arguments[0];
        List<String> options = Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
        switch (command) {
            case "up" -> up(options);
            case "demo" -> demo(options.contains("--exit"));
            case "trial" -> trial();
            case "rotate-signing-key" -> rotateSigningKey();
            case "rotate-master-key" -> rotateMasterKey();
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

    /** Starts a fresh service on its own data and lets a newcomer's client scrape the sample shop with it. */
    private static void demo(boolean exit) {
        Path data = Path.of("var", "demo");
        SampleShop shop = openShop();
        try {
            DataDirectoryCleaner.clean(data);
        } catch (BactrianException e) {
            fail("bactrian: " + e.getMessage());
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("bactrian.data-directory", data.toString());
        settings.put("bactrian.egress.allow", "127.0.0.1");
        // The whole shop costs more than the free plan's month.
        settings.put("bactrian.plans.selextract.free.compute-units-limit", 100_000);
        System.out.println("Starting Bactrian with a sample shop…");
        ConfigurableApplicationContext context = start(settings, WebApplicationType.SERVLET);
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        try {
            new DemoCommand(
                            URI.create("http://127.0.0.1:" + port),
                            shop,
                            data,
                            System.out,
                            Boolean.getBoolean("bactrian.terminal"))
                    .run(exit);
        } catch (DemoException e) {
            context.close();
            fail("bactrian: " + e.getMessage());
        }
        if (exit) {
            context.close();
            shop.close();
            System.exit(0);
        }
    }

    private static SampleShop openShop() {
        try {
            return SampleShop.open(Integer.getInteger("bactrian.demo.shop-port", SampleShop.DEFAULT_PORT));
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

    private static ConfigurableApplicationContext start(
            Map<String, Object> settings, WebApplicationType type, String... arguments) {
        String[] all = Stream.concat(
                        settings.entrySet().stream().map(setting -> "--" + setting.getKey() + "=" + setting.getValue()),
                        Arrays.stream(arguments))
                .toArray(String[]::new);
        try {
            return new SpringApplicationBuilder(Bactrian.class).web(type).run(all);
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
