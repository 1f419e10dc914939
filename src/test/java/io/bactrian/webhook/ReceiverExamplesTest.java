package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The receivers that the documentation shows, each in its own language, where the machine has it. */
class ReceiverExamplesTest {
    private static final Path EXAMPLES = Path.of("src", "examples", "webhooks");
    private static final SigningSecret SECRET = SigningSecret.generate();
    private static final String BODY =
            "{\"type\":\"task.completed\",\"timestamp\":\"2026-02-21T16:04:30Z\",\"data\":{\"name\":\"Café ☕\"}}";

    @ParameterizedTest
    @CsvSource({
        "java, WebhookReceiver.java",
        "python, webhook_receiver.py",
        "javascript, webhook-receiver.js",
    })
    void theCodeInTheDocumentationIsTheirs(String language, String file) throws IOException {
        String documentation = Files.readString(Path.of("src", "docs", "webhooks.md"));
        String fence = "```" + language + "\n";
        int begin = documentation.indexOf(fence) + fence.length();

        assertThat(withoutIndents(Files.readString(EXAMPLES.resolve(file))))
                .contains(withoutIndents(documentation.substring(begin, documentation.indexOf("```", begin))));
    }

    private static String withoutIndents(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }

    @Nested
    class InJava extends Receiver {
        InJava() {
            super(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "WebhookReceiver.java");
        }
    }

    @Nested
    class InPython extends Receiver {
        InPython() {
            super("python3", "webhook_receiver.py");
        }
    }

    @Nested
    class InJavaScript extends Receiver {
        InJavaScript() {
            super("node", "webhook-receiver.js");
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Receiver {
        private final String program;
        private final String file;
        private @Nullable Process process;
        private String address = "";
        private final Instant now = Clock.systemUTC().instant();

        Receiver(String program, String file) {
            this.program = program;
            this.file = file;
        }

        @BeforeAll
        void start() throws IOException, InterruptedException {
            assumeTrue(runs(program, "--version"), "There is no " + program + ".");
            ProcessBuilder builder =
                    new ProcessBuilder(program, EXAMPLES.resolve(file).toString(), "0");
            builder.environment().put("WEBHOOK_SECRET", SECRET.value());
            process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            String first = process.inputReader(StandardCharsets.UTF_8).readLine();
            assertThat(first).startsWith("Listening on ");
            address = first.substring("Listening on ".length());
        }

        @AfterAll
        void stop() throws InterruptedException {
            if (process != null) {
                process.destroyForcibly().waitFor();
            }
        }

        @Test
        void whatIsGenuineIsTaken() {
            Map<String, String> headers = signed(now, SECRET);

            assertThat(answer("", headers, BODY)).isEqualTo(204);
            assertThat(answer("simple", headers, BODY)).isEqualTo(204);
        }

        @Test
        void aBodyThatWasTamperedWithIsRefused() {
            String tampered = BODY.replace("completed", "cancelled");

            assertThat(answer("", signed(now, SECRET), tampered)).isEqualTo(400);
            assertThat(answer("simple", signed(now, SECRET), tampered)).isEqualTo(400);
        }

        @Test
        void aSignatureThatWasTamperedWithIsRefused() {
            Map<String, String> headers = signed(now, SECRET);
            headers.computeIfPresent("webhook-signature", (name, value) -> flip(value, 5));
            headers.computeIfPresent("X-Webhook-Signature", (name, value) -> flip(value, 9));

            assertThat(answer("", headers, BODY)).isEqualTo(400);
            assertThat(answer("simple", headers, BODY)).isEqualTo(400);
        }

        @Test
        void aSignatureOfAnotherIdOrTimeIsRefused() {
            for (String name : List.of("webhook-id", "webhook-timestamp")) {
                Map<String, String> headers = signed(now, SECRET);
                headers.computeIfPresent(name, (header, value) -> flip(value, value.length() - 1));
                assertThat(answer("", headers, BODY)).as(name).isEqualTo(400);
            }
        }

        @Test
        void whatIsOldOrOfTheFutureIsRefused() {
            assertThat(answer("", signed(now.minus(Duration.ofMinutes(10)), SECRET), BODY))
                    .isEqualTo(400);
            assertThat(answer("", signed(now.plus(Duration.ofMinutes(10)), SECRET), BODY))
                    .isEqualTo(400);
        }

        @Test
        void duringARotationTheOldSecretStillVerifies() {
            Map<String, String> rotated = signed(now, SigningSecret.generate(), SECRET);

            assertThat(answer("", rotated, BODY)).isEqualTo(204);
            assertThat(answer("", signed(now, SigningSecret.generate()), BODY)).isEqualTo(400);
        }

        @Test
        void whatIsNotSignedOrSignedWithNonsenseIsRefused() {
            assertThat(answer("", Map.of(), BODY)).isEqualTo(400);
            assertThat(answer("simple", Map.of(), BODY)).isEqualTo(400);
            for (Map.Entry<String, String> nonsense : Map.of(
                            "webhook-timestamp", "soon",
                            "webhook-signature", "v1, v1,AAAA x")
                    .entrySet()) {
                Map<String, String> headers = signed(now, SECRET);
                headers.put(nonsense.getKey(), nonsense.getValue());
                assertThat(answer("", headers, BODY)).isEqualTo(400);
            }
        }

        private static Map<String, String> signed(Instant at, SigningSecret... secrets) {
            return new LinkedHashMap<>(
                    WebhookSignature.headers("evt_1", at, List.of(secrets), BODY.getBytes(StandardCharsets.UTF_8)));
        }

        private static String flip(String text, int position) {
            char other = text.charAt(position) == '1' ? '2' : '1';
            return text.substring(0, position) + other + text.substring(position + 1);
        }

        private int answer(String path, Map<String, String> headers, String body) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                    .timeout(Duration.ofSeconds(30))
                    .POST(BodyPublishers.ofString(body));
            headers.forEach(request::header);
            // A connection for each request: a receiver may close one that is idle just when the next request leaves.
            try (HttpClient http = HttpClient.newHttpClient()) {
                return http.send(request.build(), BodyHandlers.discarding()).statusCode();
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        private static boolean runs(String... command) throws InterruptedException {
            try {
                Process tried =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(tried.getInputStream(), StandardCharsets.UTF_8))) {
                    output.lines().forEach(line -> {});
                }
                return tried.waitFor(1, TimeUnit.MINUTES) && tried.exitValue() == 0;
            } catch (IOException absent) {
                return false;
            }
        }
    }
}
