import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.SampleMap;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Searches for places from the POST to the end, with one browser and with two, at the sample map on this machine.
 *
 * <p>The map and the service each run in processes of their own. For each number of browsers one search warms up and does not
 * count. Memory is the largest sum of the proportional shares (PSS) of the service and all that it has started.
 */
final class PlacesBenchmark {
    private PlacesBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("map")) {
            SampleMap.open(Integer.parseInt(arguments[1]));
            Thread.currentThread().join();
        }
        Map<String, Integer> options = new HashMap<>(Map.of("places", 100, "rounds", 2, "most", 2));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (options.replace(arguments[i].replaceFirst("^--", ""), Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        for (int browsers = 1; browsers <= options.get("most"); browsers *= 2) {
            measure(browsers, options.get("places"), options.get("rounds"));
        }
    }

    private static void measure(int browsers, int places, int rounds) throws Exception {
        Path work = Path.of("target", "bench", "work");
        BulkBenchmark.deleteRecursively(work);
        Files.createDirectories(work);
        int mapPort = BulkBenchmark.freePort();
        int port = BulkBenchmark.freePort();
        List<Process> started = new ArrayList<>();
        try {
            started.add(BulkBenchmark.child(work.resolve("map.log"), Map.of(), List.of("-Xmx256m"), "PlacesBenchmark", "map", "" + mapPort));
            Process service = BulkBenchmark.child(work.resolve("service.log"), Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + BulkBenchmark.freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + BulkBenchmark.freePort(), "BACTRIAN_BROKER_PORT", "" + BulkBenchmark.freePort(),
                    "BACTRIAN_DATA_DIRECTORY", work.resolve("data").toString(), "BACTRIAN_EGRESS_ALLOW", "127.0.0.1",
                    "BACTRIAN_RATELIMIT_ENABLED", "false", "BACTRIAN_BROWSER_BROWSERS", "" + browsers,
                    "BACTRIAN_PLACES_GOOGLEMAPS_BASEURL", "http://127.0.0.1:" + mapPort,
                    "BACTRIAN_PLANS_SIGNUPCREDITS", "1000000"), BulkBenchmark.HEAP, "io.bactrian.Bactrian", "up");
            started.add(service);
            BulkBenchmark.Client client = new BulkBenchmark.Client(URI.create("http://127.0.0.1:" + port));
            client.signUp();
            List<Double> rates = new ArrayList<>();
            long memory = 0;
            for (int round = 0; round <= rounds; round++) {
                BrowserBenchmark.Measured measured =
                        BrowserBenchmark.measured(service, places, () -> search(client, places));
                double rate = 60 * measured.pagesPerSecond();
                System.out.printf("%d browsers, %s  %5.0f places a minute %5d MB%n", browsers,
                        round == 0 ? "warm-up" : "round " + round, rate, measured.megabytes());
                if (round > 0) {
                    rates.add(rate);
                    memory = Math.max(memory, measured.megabytes());
                }
            }
            System.out.printf("%d browsers, median: %.0f places a minute; memory with everything %d MB%n%n",
                    browsers, BulkBenchmark.median(rates), memory);
        } finally {
            for (Process process : started) {
                process.destroy();
                process.waitFor();
            }
        }
    }

    /** @return the seconds that it took */
    private static double search(BulkBenchmark.Client client, int places) throws Exception {
        long began = System.nanoTime();
        ObjectNode search = BulkBenchmark.JSON.createObjectNode()
                .put("searchTerms", "coffee").put("location", SampleMap.CITY).put("maxResults", places);
        String path = "/scrape/jobs/" + client.search(search);
        client.awaitEndOf(path);
        double seconds = (System.nanoTime() - began) / 1e9;
        JsonNode job = client.get(path).path("job");
        if (job.path("results").size() != places) {
            throw new IllegalStateException("The job is not as it should be: " + job);
        }
        return seconds;
    }
}
