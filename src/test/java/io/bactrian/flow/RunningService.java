package io.bactrian.flow;

import io.bactrian.Bactrian;
import io.bactrian.TestFork;
import io.bactrian.account.CheapPasswords;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.demo.SampleMap;
import io.bactrian.embedded.DataDirectoryCleaner;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.IdentityProvider;
import io.bactrian.origin.LocalProxy;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.OpenstreetmapOrigin;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The whole service in this JVM, on free ports and with data of its own, for tests that take a {@link Service}, and the
 * {@link IdentityProvider} at which its users can sign in. Its Google Maps is a {@link SampleMap}, its
 * OpenStreetMap an {@link OpenstreetmapOrigin}.
 *
 * <p>It starts with the first test that asks for it and stops after the last test of the run.
 */
final class RunningService implements ParameterResolver {
    /** What a new account can spend: enough for 4,000 pages. */
    static final int COMPUTE_UNITS = 20_000;

    /** What one page costs. */
    static final int PAGE_UNITS = 5;

    /** Addresses that the service asks no more than four times a second, and twice at once. */
    static final String LIMITED = "127.0.9.0/24";

    /** The only forbidden address that files may be sent to. */
    static final String RECEIVER = "127.0.0.7";

    private static final String CLIENT = "--spring.security.oauth2.client.";

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Service.class
                || type == BrokerPort.class
                || type == IdentityProvider.class
                || type == UpstreamProxies.class
                || type == SampleMap.class
                || type == OpenstreetmapOrigin.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Instance instance = context.getRoot()
                .getStore(Namespace.create(RunningService.class))
                .getOrComputeIfAbsent("service", key -> new Instance(), Instance.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == UpstreamProxies.class) {
            return instance.proxies;
        }
        if (type == BrokerPort.class) {
            return instance.broker;
        }
        if (type == SampleMap.class) {
            return instance.map;
        }
        if (type == OpenstreetmapOrigin.class) {
            return instance.openstreetmap;
        }
        return type == Service.class ? instance.service : instance.provider;
    }

    private static final class Instance implements ExtensionContext.Store.CloseableResource {
        private final Path data = dataDirectory();
        private final BrokerPort broker = new BrokerPort(TestFork.freePort());
        private final IdentityProvider provider = new IdentityProvider(Clock.systemUTC());
        private final UpstreamProxies proxies = new UpstreamProxies(LocalProxy.http(), LocalProxy.socks5());
        private final SampleMap map = SampleMap.open(0);
        private final MisbehavingOrigin shop = MisbehavingOrigin.start()
                .on("/thanks", Behaviours.page("<p id=\"out\">Thanks</p>"))
                .on("/pity", Behaviours.page("<p id=\"out\">Pity</p>"));
        private final OpenstreetmapOrigin openstreetmap = OpenstreetmapOrigin.start(Clock.systemUTC());
        private final ConfigurableApplicationContext context = new SpringApplicationBuilder(Bactrian.class)
                .initializers(new CheapPasswords())
                .run(List.of(
                                "--server.port=0",
                                "--management.server.port=0",
                                "--bactrian.data-directory=" + data,
                                "--bactrian.postgres.port=" + TestFork.freePort(),
                                "--bactrian.broker.port=" + broker.number(),
                                "--bactrian.broker.users=src/test/resources/broker/users.properties",
                                "--bactrian.broker.roles=src/test/resources/broker/roles.properties",
                                "--bactrian.accounts.erasure-period=500",
                                "--bactrian.sign-in.attempts-per-address=1000000",
                                "--bactrian.egress.allow=127.0.0.0/8",
                                "--bactrian.egress.webhooks.allow=" + RECEIVER,
                                "--bactrian.webhooks.retry-delays=100ms,1h",
                                "--bactrian.politeness.hosts[0].host=" + LIMITED,
                                "--bactrian.politeness.hosts[0].requests-per-second=4",
                                "--bactrian.politeness.hosts[0].concurrent-requests=2",
                                "--bactrian.admin.emails=" + Service.ADMINISTRATOR,
                                "--bactrian.retries.first-delay=40ms",
                                "--bactrian.proxies.pools.both[0]="
                                        + proxies.http().url(),
                                "--bactrian.proxies.pools.both[1]="
                                        + proxies.socks5().url(),
                                "--bactrian.proxies.pools.first[0]="
                                        + proxies.http().url(),
                                "--bactrian.proxies.pools.dead[0]=http://127.0.0.1:" + TestFork.freePort(),
                                "--bactrian.places.google-maps.base-url=" + map.address(),
                                "--bactrian.places.openstreetmap.nominatim-url=" + openstreetmap.nominatimUrl(),
                                "--bactrian.places.openstreetmap.overpass-url=" + openstreetmap.overpassUrl(),
                                CLIENT + "registration.google.client-id=" + IdentityProvider.CLIENT_ID,
                                CLIENT + "registration.google.client-secret=" + IdentityProvider.CLIENT_SECRET,
                                CLIENT + "provider.google.issuer-uri=" + provider.issuer(),
                                "--bactrian.rate-limit.enabled=false",
                                "--bactrian.billing.success-url=" + shop.url("/thanks"),
                                "--bactrian.billing.cancel-url=" + shop.url("/pity"),
                                "--bactrian.billing.stripe.webhook-secret=" + SignedEvents.STRIPE_SECRET,
                                "--bactrian.billing.lemonsqueezy.webhook-secret=" + SignedEvents.LEMON_SQUEEZY_SECRET,
                                "--bactrian.plans.selextract.free.compute-units-limit=" + COMPUTE_UNITS)
                        .toArray(String[]::new));
        private final Service service = new Service(
                port("local.server.port"), port("local.management.port"), context.getBean(JdbcClient.class));

        private int port(String property) {
            return context.getEnvironment().getRequiredProperty(property, Integer.class);
        }

        /** Emptied before, and kept after for those who look for the reason of a failure. */
        private static Path dataDirectory() {
            Path data = TestFork.directory("flow");
            DataDirectoryCleaner.clean(data);
            return data;
        }

        /** After all that was done at once to its accounts, no unit may be missing or doubled. */
        @Override
        public void close() {
            try (provider;
                    proxies;
                    map;
                    shop;
                    openstreetmap;
                    context) {
                List<String> differences = context.getBean(LedgerCheck.class).differences();
                if (!differences.isEmpty()) {
                    throw new AssertionError("The ledger is wrong: " + String.join(" ", differences));
                }
            }
        }
    }
}
