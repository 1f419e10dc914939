package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
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

    private static void assertAllowed(EgressGuard guard, String url) {
        assertThat(guard.check(HttpUrl.parse(url), Deadline.in(Duration.ofSeconds(5))))
                .isNotEmpty();
    }

    private static void assertRefused(EgressGuard guard, String url) {
        assertThatThrownBy(() -> guard.check(HttpUrl.parse(url), Deadline.in(Duration.ofSeconds(5))))
                .isInstanceOf(EgressRefusedException.class);
    }
}
