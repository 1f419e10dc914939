package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.NewcomersClient.Work;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/**
 * A search for places as a newcomer makes it: sign up, search a map for coffee, take the results home for a spreadsheet and a
 * CRM.
 *
 * <p>It uses nothing but the public REST API, as any program on any machine would.
 */
public final class PlacesDemoCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TERMS = "coffee";
    private static final int MOST_RESULTS = 60;

    private final URI service;
    private final SampleMap map;
    private final Path outputDirectory;
    private final PrintStream out;
    private final boolean terminal;

    /**
     * @param service the base address of the API, which answers already and searches {@code map}
     * @param outputDirectory where {@code places.csv}, {@code places.xlsx} and {@code hubspot.csv} go; made if it is not there
     * @param terminal whether {@code out} is a terminal, where progress is a bar that redraws itself
     */
    public PlacesDemoCommand(URI service, SampleMap map, Path outputDirectory, PrintStream out, boolean terminal) {
        this.service = service;
        this.map = map;
        this.outputDirectory = outputDirectory;
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Runs the demonstration from signing up to the written files.
     *
     * @param exit whether the caller ends the process afterwards; if not, the last line says how to stop it
     * @throws DemoException if the service does not answer, refuses a request or the job does not complete; its message is
     *     one sentence for the person at the terminal
     */
    public void run(boolean exit) {
        try (NewcomersClient client = new NewcomersClient(service)) {
            out.println("A sample map of %s places is open at %s"
                    .formatted(map.places().size(), map.address()));
            String key = signUp(client);
            String jobId = submit(client, key);
            awaitCompletion(client, jobId, key);

            Path csv = outputDirectory.resolve("places.csv");
            Path xlsx = outputDirectory.resolve("places.xlsx");
            Path hubspot = outputDirectory.resolve("hubspot.csv");
            String exports = "/scrape/jobs/" + jobId + "/export/";
            client.download(exports + "csv", key, csv);
            client.download(exports + "xlsx", key, xlsx);
            client.download(exports + "hubspot", key, hubspot);

            ResultsReport.ofPlaces(out).print(csv);
            printWhereEverythingIs(jobId, key, csv, xlsx, hubspot);
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
        JsonNode registered = client.post("/auth/register", "", account);
        String key = client.text(registered, "apiKey");
        out.println("Signed up as %s, with %s credits"
                .formatted(email, registered.path("user").path("credits").asInt()));
        return key;
    }

    private String submit(NewcomersClient client, String key) {
        ObjectNode search = JSON.createObjectNode()
                .put("searchTerms", TERMS)
                .put("location", SampleMap.CITY)
                .put("maxResults", MOST_RESULTS)
                .put("reviews", true);
        String jobId = client.text(client.post("/scrape", key, search), "jobId");
        out.println(
                "Submitted %s: up to %s places for \"%s\" in %s".formatted(jobId, MOST_RESULTS, TERMS, SampleMap.CITY));
        return jobId;
    }

    private void awaitCompletion(NewcomersClient client, String jobId, String key) {
        ProgressDisplay display = new ProgressDisplay(out, terminal, MOST_RESULTS, "places");
        long start = System.nanoTime();
        JsonNode job = client.awaitEnd(
                Work.job(jobId), key, places -> display.show(places, Duration.ofNanos(System.nanoTime() - start)));
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        String status = job.path("status").asText();
        if (!status.equals("completed")) {
            display.finish();
            throw new DemoException("The job ended as %s: %s"
                    .formatted(status, job.path("error").asText("no reason was given")));
        }
        display.show(job.path("result_count").asInt(), elapsed);
        display.finish();
        out.println(String.format(
                Locale.ROOT,
                "Done in %.1f s: %d places for %d credits",
                elapsed.toMillis() / 1000.0,
                job.path("result_count").asInt(),
                job.path("credits_used").asInt()));
        if (job.path("warning").isTextual()) {
            out.println(job.path("warning").asText());
        }
    }

    private void printWhereEverythingIs(String jobId, String key, Path csv, Path xlsx, Path hubspot) {
        out.print("""

                Places         %s
                               %s
                For HubSpot    %s
                API            %s
                Documentation  %s
                Sample map     %s
                Your API key   %s

                Try it:
                  curl -H "X-API-Key: %s" "%s"
                """.formatted(
                        csv,
                        xlsx,
                        hubspot,
                        service,
                        service.resolve("/docs"),
                        map.address(),
                        key,
                        key,
                        service.resolve("/scrape/jobs/" + jobId + "?resultsLimit=1")));
    }
}
