package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class EgressConfigurationTest {
    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(EgressConfiguration.class);

    @Test
    void webhooksHaveAnAllowListOfTheirOwn() {
        context.withPropertyValues("bactrian.egress.webhooks.allow=10.1.0.0/16", "bactrian.egress.allow=10.2.0.0/16")
                .run(beans -> {
                    EgressGuard pages = beans.getBean(EgressGuard.class);
                    EgressGuard webhooks = beans.getBean("webhookGuard", EgressGuard.class);

                    assertAllowed(webhooks, "http://10.1.0.1/");
                    assertRefused(webhooks, "http://10.2.0.1/");
                    assertAllowed(pages, "http://10.2.0.1/");
                    assertRefused(pages, "http://10.1.0.1/");
                    assertThat(beans.getBean(EgressClient.class)).isSameAs(beans.getBean("egressClient"));
                    assertThat(beans.getBean("webhookClient")).isNotSameAs(beans.getBean("egressClient"));
                });
    }

    @Test
    void theWebhookClientRefusesWhatOnlyPagesMay() {
        context.withPropertyValues("bactrian.egress.allow=10.2.0.0/16").run(beans -> {
            EgressClient webhooks = beans.getBean("webhookClient", EgressClient.class);

            assertThatThrownBy(() -> webhooks.execute(
                            EgressRequest.get(HttpUrl.parse("http://10.2.0.1/")).build()))
                    .isInstanceOf(EgressRefusedException.class);
        });
    }

    @Test
    void portsAreRefusedForPagesAndWebhooksAlike() {
        context.withPropertyValues("bactrian.egress.ports=80,443").run(beans -> {
            assertRefused(beans.getBean(EgressGuard.class), "http://93.184.215.14:8080/");
            assertRefused(beans.getBean("webhookGuard", EgressGuard.class), "http://93.184.215.14:8080/");
            assertAllowed(beans.getBean(EgressGuard.class), "https://93.184.215.14/");
        });
    }

    @Test
    void anExceptionMayOpenOnePort() {
        context.withPropertyValues(
                        "bactrian.egress.allow=10.1.0.0/16:8080,[fd00::/8]:81,[::1]:82,shop.test:83,127.0.0.1:84")
                .run(beans -> {
                    EgressGuard guard = beans.getBean(EgressGuard.class);

                    assertAllowed(guard, "http://10.1.0.1:8080/");
                    assertRefused(guard, "http://10.1.0.1/");
                    assertAllowed(guard, "http://[fd00::5]:81/");
                    assertRefused(guard, "http://[fd00::5]:80/");
                    assertAllowed(guard, "http://[::1]:82/");
                    assertRefused(guard, "http://[::1]:83/");
                    assertAllowed(guard, "http://127.0.0.1:84/");
                    assertRefused(guard, "http://127.0.0.1:85/");
                    assertThat(beans.getBean(AddressPolicy.class).allowsHost("shop.test", 83))
                            .isTrue();
                    assertThat(beans.getBean(AddressPolicy.class).allowsHost("shop.test", 84))
                            .isFalse();
                });
    }

    @Test
    void whatIsNeitherAnExceptionNorOneWithAPortIsRefusedAtTheStart() {
        for (String entry : List.of("10.0.0.0/8:0", "10.0.0.1:99999", "a b", "[10.0.0.0", "shop.test:x")) {
            context.withPropertyValues("bactrian.egress.allow[0]=" + entry)
                    .run(beans -> assertThat(beans).as(entry).hasFailed());
        }
    }

    @Test
    void thePortsOfTheServiceItselfAreRefusedWhateverIsAllowed() {
        context.withPropertyValues(
                        "bactrian.egress.allow=127.0.0.0/8,::1,10.0.0.0/8,localhost",
                        "bactrian.egress.webhooks.allow=127.0.0.0/8,10.0.0.0/8",
                        "local.server.port=3001",
                        "management.server.port=9001",
                        "bactrian.postgres.port=54329",
                        "spring.artemis.broker-url=(tcp://10.0.0.8:61616,tcp://10.0.0.9)?ha=true",
                        "spring.datasource.url=jdbc:postgresql://10.0.0.5:5433,10.0.0.6/bactrian?user=a")
                .run(beans -> {
                    for (EgressGuard guard : List.of(
                            beans.getBean(EgressGuard.class), beans.getBean("webhookGuard", EgressGuard.class))) {
                        assertRefused(guard, "http://127.0.0.1:3001/");
                        assertRefused(guard, "http://127.9.9.9:9001/");
                        assertRefused(guard, "http://127.0.0.1:54329/");
                        assertAllowed(guard, "http://127.0.0.1:3002/");
                        assertRefused(guard, "http://10.0.0.8:61616/");
                        assertRefused(guard, "http://10.0.0.9:61616/");
                        assertRefused(guard, "http://10.0.0.5:5433/");
                        assertRefused(guard, "http://10.0.0.6:5432/");
                        assertAllowed(guard, "http://10.0.0.5:5432/");
                        assertAllowed(guard, "http://10.0.0.7:3001/");
                    }
                    EgressGuard pages = beans.getBean(EgressGuard.class);
                    assertRefused(pages, "http://[::1]:3001/");
                    assertRefused(pages, "http://localhost:3001/");
                });
    }

    private static void assertAllowed(EgressGuard guard, String url) {
        assertThat(guard.check(HttpUrl.parse(url), Deadline.in(Duration.ofSeconds(5))))
                .isNotEmpty();
    }

    private static void assertRefused(EgressGuard guard, String url) {
        assertThatThrownBy(() -> guard.check(HttpUrl.parse(url), Deadline.in(Duration.ofSeconds(5))))
                .isInstanceOf(EgressRefusedException.class);
    }
}
