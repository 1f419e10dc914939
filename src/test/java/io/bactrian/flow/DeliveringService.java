package io.bactrian.flow;

import io.bactrian.Bactrian;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.webhook.DeliverableFile;
import io.bactrian.webhook.FileDeliveries;
import io.bactrian.webhook.FileSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The whole service in this JVM with short waits between deliveries, and with files of the subject {@code sample_…}. */
final class DeliveringService implements AutoCloseable {
    /** What is in every file. */
    static final String CONTENT = "name,city\r\nCafé,Zürich\r\n";

    private final TestDatabase database = TestDatabase.create();
    private final TestBroker broker = new TestBroker();
    private final Path data = TestFork.directory("deliveries");
    private final ConfigurableApplicationContext context;
    private final ProducerTemplate routes;
    private final Service service;

    DeliveringService() {
        context = new SpringApplicationBuilder(Bactrian.class)
                .initializers(starting -> ((GenericApplicationContext) starting)
                        .registerBean("samples", FileSource.class, () -> DeliveringService::open))
                .run(
                        "--server.port=0",
                        "--management.server.port=0",
                        "--bactrian.data-directory=" + data,
                        "--spring.datasource.url=" + database.url(),
                        "--spring.artemis.broker-url=" + broker.url() + "?consumerWindowSize=0",
                        "--bactrian.rate-limit.enabled=false",
                        "--bactrian.egress.webhooks.allow=127.0.0.0/8",
                        "--bactrian.egress.webhooks.timeout=2s",
                        "--bactrian.webhooks.retry-delays=100ms,100ms,100ms");
        routes = context.getBean(CamelContext.class).createProducerTemplate();
        service = new Service(
                context.getEnvironment().getRequiredProperty("local.server.port", Integer.class),
                context.getEnvironment().getRequiredProperty("local.management.port", Integer.class),
                context.getBean(JdbcClient.class));
    }

    private static Optional<DeliverableFile> open(UUID account, String subject, String format) {
        return subject.startsWith("sample_")
                ? Optional.of(new DeliverableFile(
                        subject + "." + format,
                        "text/csv; charset=utf-8",
                        output -> output.write(CONTENT.getBytes(StandardCharsets.UTF_8))))
                : Optional.empty();
    }

    Service service() {
        return service;
    }

    /** Asks for a delivery, as a route of the service does. */
    long request(UUID account, String subject, String url) {
        long id = deliveries().request(account, subject, "csv", url);
        routes.sendBody("direct:outbox-dispatch", "");
        return id;
    }

    FileDeliveries deliveries() {
        return context.getBean(FileDeliveries.class);
    }

    Path files() {
        return data.resolve("deliveries");
    }

    @Override
    public void close() {
        context.close();
        broker.close();
        database.close();
    }
}
