package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.NewcomersClient.Work;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/**
 * The main job of Bactrian as a newcomer meets it: sign up, make a key, scrape a shop, take the results home.
 *
 * <p>It uses nothing but the public REST API, as any program on any machine would.
 */
public final class DemoCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PARALLEL_REQUESTS = 8;
    private static final String SELECTORS = """
            {
              "title": "h1.title",
              "price": {"selector": ".price", "transform": ["number"]},
              "rating": {"selector": ".rating", "attribute": "data-rating", "transform": ["number"]},
              "in_stock": ".availability",
              "image": {"selector": "img.photo", "attribute": "src", "transform": ["absolute_url"]},
              "breadcrumb": {
                "selector": "nav.breadcrumb li", "all": true,
                "fields": {"name": "a", "link": {"selector": "a", "attribute": "href", "transform": ["absolute_url"]}}
              }
            }
            """;

    private final URI service;
    private final SampleShop shop;
    private final Path outputDirectory;
    private final PrintStream out;
    private final boolean terminal;

    /**
     * @param service the base address of the API, which answers already
     * @param outputDirectory where {@code results.csv} and {@code results.xlsx} go; made if it is not there
     * @param terminal whether {@code out} is a terminal, where progress is a bar that redraws itself
     */
    public DemoCommand(URI service, SampleShop shop, Path outputDirectory, PrintStream out, boolean terminal) {
        this.service = service;
        this.shop = shop;
        this.outputDirectory = outputDirectory;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Runs the demonstration from signing up to the written files.
     *
     * @param exit whether the caller ends the process afterwards; if not, the last line says how to stop it
     * @throws DemoException if the service does not answer, refuses a request or the task does not complete; its message is
     *     one sentence for the person at the terminal
     */
    public void run(boolean exit) {
        try (NewcomersClient client = new NewcomersClient(service)) {
            out.println("A sample shop of %s pages is open at %s"
                    .formatted(shop.productAddresses().size(), shop.address()));
            String key = signUp(client);
            String taskId = submit(client, key);
            awaitCompletion(client, taskId, key);

            Path csv = outputDirectory.resolve("results.csv");
            Path xlsx = outputDirectory.resolve("results.xlsx");
            client.download("/tasks/" + taskId + "/download", key, csv);
            client.download("/tasks/" + taskId + "/download?format=xlsx", key, xlsx);

            ResultsReport.ofPages(out).print(csv);
            printWhereEverythingIs(taskId, key, csv, xlsx);
            if (!exit) {
                out.println();
                out.println("Press Ctrl-C to stop.");
            }
            out.flush();
        }
    }

    private String signUp(NewcomersClient client) {
        String email = "demo-" + UUID.randomUUID() + "@example.com";
        ObjectNode account = JSON.createObjectNode()
                .put("email", email)
                .put("password", UUID.randomUUID().toString())
                .put("name", "Demo");
        String token = client.text(client.post("/auth/register", "", account), "token");
        ObjectNode key = JSON.createObjectNode().put("name", "Demo key").put("environment", "prod");
        String apiKey = client.text(client.post("/api-keys", token, key), "api_key");
        out.println("Signed up as %s and made an API key".formatted(email));
        return apiKey;
    }

    private String submit(NewcomersClient client, String key) {
        ObjectNode task = JSON.createObjectNode().put("name", "Sample shop").put("task_type", "bulk_scraping");
        ObjectNode config = task.putObject("config")
                .put("output_format", "csv")
                .put("include_metadata", true)
                .put("parallel_requests", PARALLEL_REQUESTS);
        ArrayNode urls = config.putArray("urls");
        shop.productAddresses().forEach(address -> urls.add(address.toString()));
        config.set("selectors", selectors());
        String taskId = client.text(client.post("/tasks", key, task), "id");
        out.println("Submitted task %s".formatted(taskId));
        return taskId;
    }

    private void awaitCompletion(NewcomersClient client, String taskId, String key) {
        int total = shop.productAddresses().size();
        ProgressDisplay display = new ProgressDisplay(out, terminal, total, "pages");
        long start = System.nanoTime();
        JsonNode task = client.awaitEnd(
                Work.task(taskId, total),
                key,
                pages -> display.show(pages, Duration.ofNanos(System.nanoTime() - start)));
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        String status = task.path("status").asText();
        if (!status.equals("completed")) {
            display.finish();
            throw new DemoException("The task ended as %s: %s"
                    .formatted(status, task.path("error_message").asText("no reason was given")));
        }
        display.show(total, elapsed);
        display.finish();
        out.println(String.format(Locale.ROOT, "Done in %.1f s", elapsed.toMillis() / 1000.0));
    }

    private void printWhereEverythingIs(String taskId, String key, Path csv, Path xlsx) {
        out.print("""

                Results        %s
                               %s
                API            %s
                Documentation  %s
                Sample shop    %s
                Your API key   %s

                Try it:
                  curl -H "Authorization: Bearer %s" %s
                """.formatted(
                        csv,
                        xlsx,
                        service,
                        service.resolve("/docs"),
                        shop.address(),
                        key,
                        key,
                        service.resolve("/tasks/" + taskId)));
    }

    private static JsonNode selectors() {
        try {
            return JSON.readTree(SELECTORS);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("The selectors above are JSON", impossible);
        }
    }
}
