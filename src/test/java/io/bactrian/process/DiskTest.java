package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.TestBroker;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueBrowser;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;

/** What clients see of a service whose disk has less room than its operator wants to be left. */
class DiskTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aServiceWithoutRoomTakesNoNewWorkAndSaysSo() throws IOException, InterruptedException, JMSException {
        try (TestBroker broker = new TestBroker();
                ServiceProcess service = new ServiceProcess("disk")
                        .with("SPRING_ARTEMIS_BROKER_URL", broker.url() + "?consumerWindowSize=0")
                        .with("BACTRIAN_DISK_LEASTFREE", "100000TB");
                ServiceClient client = new ServiceClient(service.address());
                HttpClient http = HttpClient.newHttpClient();
                ActiveMQConnectionFactory connections = new ActiveMQConnectionFactory(broker.url());
                JMSContext producer = connections.createContext()) {
            service.start();
            // Signing in is no work.
            String token = client.post(
                            "/auth/register", "", ServiceClient.credentials().put("name", "Ada"), 201)
                    .path("token")
                    .asText();

            JsonNode refusal =
                    client.post("/tasks", token, ServiceClient.bulkTask(List.of("https://example.com/"), 1), 503);
            assertThat(refusal.path("error").asText()).isEqualTo("service_unavailable");
            assertThat(refusal.path("message").asText()).contains("disk is full");
            refusal = client.post("/scrape", token, JSON.createObjectNode(), 503);
            assertThat(refusal.path("error").asText()).contains("disk is full");
            assertThat(client.get("/scrape/jobs", token)).isNotEmpty();
            HttpResponse<String> health = http.send(
                    HttpRequest.newBuilder(service.address().resolve("/health")).build(), BodyHandlers.ofString());
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(JSON.readTree(health.body()).path("disk").asText()).isEqualTo("unhealthy");
            assertThat(JSON.readTree(health.body()).path("database").asText()).isEqualTo("healthy");

            await("the consumers pause")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.output().contains("takes no more messages"));
            producer.createProducer().send(producer.createQueue("bactrian.tasks.inbox"), "{}");
            QueueBrowser inbox = producer.createBrowser(producer.createQueue("bactrian.tasks.inbox"));
            await("the message stays in its queue")
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> inbox.getEnumeration().hasMoreElements());
        }
    }
}
