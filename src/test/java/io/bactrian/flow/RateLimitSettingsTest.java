package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Limits that an operator has set, and clients behind a proxy. */
class RateLimitSettingsTest {
    private static LimitedService limited;
    private static Service service;

    @BeforeAll
    static void start() {
        limited = new LimitedService(
                "settings",
                "--bactrian.trusted-proxies=127.0.0.0/8, ::1",
                "--bactrian.browser.executable=/nowhere/chromium",
                "--bactrian.plans.selextract.free.advanced=true",
                "--bactrian.rate-limit.limits.general.user=8",
                "--bactrian.rate-limit.limits.general.key=3",
                "--bactrian.rate-limit.limits.general.address=2",
                "--bactrian.plans.selextract.free.rate-limits.task-creation=4",
                "--bactrian.plans.mapscraper.free.rate-limits.mapscraper=7");
        service = limited.service();
    }

    @AfterAll
    static void stop() {
        limited.close();
    }

    @BeforeEach
    void fill() {
        limited.fill();
    }

    @Test
    void aServiceWithoutABrowserRefusesTasksThatNeedOne() {
        Reply reply = service.register()
                .post("/tasks", TaskRequest.advanced("http://127.0.0.1/").json());

        reply.assertSelextractError(503, "service_unavailable");
        assertThat(reply.text()).contains("./bactrian browser");
    }

    @Test
    void aMessageIsNotRefusedForThatButItsTaskWaitsForANodeWithABrowser() {
        Account account = service.register();
        try (QueueProducer producer = limited.broker().producer(BrokerPort.Protocol.CORE)) {
            producer.send(
                    QueueProducer.INBOX,
                    QueueProducer.Letter.of(
                            TaskRequest.advanced("http://127.0.0.1/").json().toString(),
                            Map.of("api_key", account.mapKey())));

            QueueProducer.Received answer = producer.answer();

            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(account.listed(answer.json().path("id").asText())
                            .path("status")
                            .asText())
                    .isIn("pending", "running");
        }
    }

    private static String limit(Call call) {
        return String.valueOf(call.send().header("X-RateLimit-Limit"));
    }

    private static int status(String forwarded) {
        return service.call("GET", "/tasks")
                .header("X-Forwarded-For", forwarded)
                .send()
                .status();
    }

    @Test
    void usersKeysAndAddressesHaveNumbersOfTheirOwn() {
        Account account = service.register();
        String key = account.newKey("prod", "tasks:read");
        limited.fill();

        assertThat(limit(service.call("GET", "/tasks").as(key))).isEqualTo("3");
        service.call("GET", "/tasks").as(key).send().expect(200);
        service.call("GET", "/tasks").as(key).send().expect(200);
        service.call("GET", "/tasks").as(key).send().expect(429);
        assertThat(limit(account.call("GET", "/tasks"))).isEqualTo("8");
        service.call("GET", "/tasks").as(account.mapKey()).send().expect(200);
        assertThat(limit(service.call("GET", "/tasks"))).isEqualTo("2");
    }

    @Test
    void aPlanHasNumbersOfItsOwn() {
        Account account = service.register();

        assertThat(limit(account.call("POST", "/tasks").text("application/json", "{}")))
                .isEqualTo("4");
        assertThat(limit(account.call("GET", "/auth/me"))).isEqualTo("7");
        // Nobody's plan is known before the sign-in.
        assertThat(limit(service.call("POST", "/auth/login").text("application/json", "{}")))
                .isEqualTo("60");
    }

    @Test
    void behindATrustedProxyEachClientIsCountedForItself() {
        assertThat(status("198.51.100.1")).isEqualTo(401);
        assertThat(status("1.2.3.4, 198.51.100.1")).isEqualTo(401);
        assertThat(status("9.9.9.9, 198.51.100.1")).isEqualTo(429);
        assertThat(status("198.51.100.2")).isEqualTo(401);
    }

    @Test
    void anIpv6SubscriberIsOneClient() {
        assertThat(status("2a00:1:2:3::1")).isEqualTo(401);
        assertThat(status("2a00:1:2:3:ffff::2")).isEqualTo(401);
        assertThat(status("2a00:1:2:3:a:b:c:d")).isEqualTo(429);
        assertThat(status("2a00:1:2:4::1")).isEqualTo(401);
    }

    @Test
    @ExtendWith(RunningService.class)
    void switchedOffThereAreNeitherLimitsNorHeaders(Service unlimited) {
        for (int i = 0; i < 110; i++) {
            Reply reply = unlimited.call("GET", "/tasks").send().expect(401);
            assertThat(reply.header("X-RateLimit-Limit")).isNull();
        }
    }
}
