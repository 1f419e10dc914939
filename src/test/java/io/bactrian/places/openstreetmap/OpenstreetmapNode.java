package io.bactrian.places.openstreetmap;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.places.PlacesProperties;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostLimits;
import io.bactrian.scrape.polite.PolitenessProperties;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

/** The provider as one node of the service has it, with the table of tags that is shipped. */
final class OpenstreetmapNode implements AutoCloseable {
    private static final SearchTags SHIPPED = read(Path.of("config/places/openstreetmap.yaml"));

    final OpenstreetmapProvider provider;
    private final EgressGuard guard;
    private final EgressClient client;

    OpenstreetmapNode(URI nominatim, URI overpass, TestDatabase database, SettableClock clock, String... allowed) {
        this(new PlacesProperties.Openstreetmap(nominatim, overpass, 1, 1), database, clock, allowed);
    }

    OpenstreetmapNode(
            PlacesProperties.Openstreetmap settings, TestDatabase database, SettableClock clock, String... allowed) {
        EgressProperties egress = EgressProperties.allowing(allowed);
        guard = new EgressGuard(new AddressPolicy(egress.allow(), List.of()), egress.resolveTimeout());
        client = new EgressClient(guard, egress);
        UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
        HostClock hosts = new HostClock(
                new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), List.of()), egress),
                new RobotsTxt(client, userAgent, clock),
                database.jdbc(),
                clock);
        PlacesProperties properties = new PlacesProperties(
                "openstreetmap",
                new PlacesProperties.GoogleMaps(URI.create("https://maps.example"), Path.of("none"), true, null),
                settings);
        provider = new OpenstreetmapProvider(properties, SHIPPED, client, hosts, userAgent, clock);
    }

    /** The table of tags that is shipped. */
    static SearchTags shippedTags() {
        return SHIPPED;
    }

    @Override
    public void close() throws IOException {
        client.close();
        guard.close();
    }

    private static SearchTags read(Path file) {
        try {
            PropertySource<?> yaml = new YamlPropertySourceLoader()
                    .load("openstreetmap", new FileSystemResource(file))
                    .getFirst();
            return new Binder(ConfigurationPropertySources.from(yaml))
                    .bind("bactrian.places.openstreetmap", SearchTags.class)
                    .get();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
