package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Two processes on one database count together. */
class RateLimitOverNodesTest {
    private static final int LIMIT = 40;
    private static final int CALLS = 60;

    private static ServiceProcess node(String name) {
        return new ServiceProcess(name)
                .with("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
                .with("BACTRIAN_RATELIMIT_ENABLED", "true")
                // So long that no call comes back during the test.
                .with("BACTRIAN_RATELIMIT_PERIOD", "1d")
                .with("BACTRIAN_RATELIMIT_LIMITS_GENERAL_USER", Integer.toString(LIMIT));
    }

    @Test
    void asManyCallsPassAsTheLimitSaysWhicheverProcessTheyGoTo() throws Exception {
        try (ServiceProcess first = node("limits-first");
                ServiceProcess second = node("limits-second")
                        .with(
                                "SPRING_DATASOURCE_URL",
                                "jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres"
                                        .formatted(first.setting("BACTRIAN_POSTGRES_PORT")))) {
            first.start();
            second.start();
            try (ServiceClient toFirst = new ServiceClient(first.address());
                    ServiceClient toSecond = new ServiceClient(second.address())) {
                // Making the key has taken one of the account's calls.
                String key = toFirst.register().key();

                List<Integer> statuses = statuses(List.of(toFirst, toSecond), key);

                assertThat(statuses).hasSize(CALLS).containsOnly(200, 429);
                assertThat(statuses.stream().filter(status -> status == 200)).hasSize(LIMIT - 1);
            }
            second.terminate();
        }
    }

    /** The answers to calls that are made at once, in turn to each of the clients' services. */
    private static List<Integer> statuses(List<ServiceClient> clients, String key) throws Exception {
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            ServiceClient client = clients.get(i % clients.size());
            calls.add(() -> client.statusOfGet("/tasks", key));
        }
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CALLS)) {
            for (Future<Integer> status : threads.invokeAll(calls)) {
                statuses.add(status.get());
            }
        }
        return statuses;
    }
}
