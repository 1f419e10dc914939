package io.bactrian.flow;

import io.bactrian.Bactrian;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.account.CheapPasswords;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The whole service in this JVM with its limits on, and with a clock that stands still, so that no token comes by itself. */
final class LimitedService implements AutoCloseable {
    private final SettableClock clock = new SettableClock();
    private final TestDatabase database = TestDatabase.create();
    private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
    private final ConfigurableApplicationContext context;
    private final Service service;
    private final BrokerPort brokerPort = new BrokerPort(TestFork.freePort());

    LimitedService(String name, String... settings) {
        startBroker(brokerPort.number());
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--bactrian.data-directory=" + TestFork.directory("limits").resolve(name),
                "--spring.datasource.url=" + database.url(),
                "--spring.artemis.broker-url=tcp://127.0.0.1:" + brokerPort.number() + "?consumerWindowSize=0"));
        arguments.addAll(List.of(settings));
        context = new SpringApplicationBuilder(Bactrian.class)
                .initializers(
                        new CheapPasswords(),
                        starting -> ((GenericApplicationContext) starting)
                                .registerBean("settableClock", Clock.class, () -> clock, bean -> bean.setPrimary(true)))
                .run(arguments.toArray(String[]::new));
        service = new Service(
                context.getEnvironment().getRequiredProperty("local.server.port", Integer.class),
                context.getEnvironment().getRequiredProperty("local.management.port", Integer.class),
                context.getBean(JdbcClient.class));
    }

    /** On TCP, because one JVM can have one in-process broker only, which another service may be using. */
    private void startBroker(int port) {
        try {
            Configuration configuration = new ConfigurationImpl()
                    .setPersistenceEnabled(false)
                    .setSecurityEnabled(false)
                    .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port);
            broker.setConfiguration(configuration).start();
        } catch (Exception e) {
            throw new IllegalStateException("The broker did not start.", e);
        }
    }

    Service service() {
        return service;
    }

    BrokerPort broker() {
        return brokerPort;
    }

    SettableClock clock() {
        return clock;
    }

    JdbcClient database() {
        return database.jdbc();
    }

    /** Lets so much time pass that every bucket is full again. */
    void fill() {
        clock.advance(Duration.ofMinutes(2));
    }

    @Override
    public void close() {
        context.close();
        try {
            broker.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The broker did not stop.", e);
        }
        database.close();
    }
}
