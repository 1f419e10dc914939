package io.bactrian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnexpectedEndTest {
    @TempDir
    private Path directory;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final UnexpectedEnd end = new UnexpectedEnd(told::add);

    @Test
    void aBrokerThatCannotWriteItsJournalEndsTheService() throws Exception {
        EmbeddedActiveMQ broker = broker();
        end.watch(broker.getActiveMQServer());

        ((ActiveMQServerImpl) broker.getActiveMQServer())
                .getIoCriticalErrorListener()
                .onIOException(new IOException("No space left on device"), "journal", null);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> !broker.getActiveMQServer().isStarted());
        assertThat(told)
                .singleElement()
                .asString()
                .contains("message broker", "No space left on device", "start it again");
    }

    @Test
    void aBrokerThatStopsByItselfEndsTheService() throws Exception {
        EmbeddedActiveMQ broker = broker();
        end.watch(broker.getActiveMQServer());

        broker.stop();

        assertThat(told).singleElement().asString().contains("message broker has stopped by itself");
    }

    @Test
    void aBrokerThatIsStoppedWithTheServiceIsNothingToTell() throws Exception {
        EmbeddedActiveMQ broker = broker();
        end.watch(broker.getActiveMQServer());

        end.expect();
        broker.stop();

        assertThat(told).isEmpty();
    }

    @Test
    void aDatabaseThatEndsByItselfEndsTheService() throws IOException {
        Process postgres = new ProcessBuilder("sleep", "600").start();
        end.watch(postgres.toHandle());

        postgres.destroyForcibly();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(told).singleElement().asString().contains("PostgreSQL"));
    }

    private EmbeddedActiveMQ broker() throws Exception {
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(new ConfigurationImpl()
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setLargeMessagesDirectory(directory.resolve("large").toString())
                .addAcceptorConfiguration("tests", "vm://77"));
        return broker.start();
    }
}
