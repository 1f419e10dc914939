package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.Bactrian;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Scraper;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole service with an engine for static pages that fails under some of them, as no engine of ours should. */
class FailingScraperTest {
    private final TestDatabase database = TestDatabase.create();
    private final TestBroker broker = new TestBroker();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private final AtomicInteger failures = new AtomicInteger();
    private final ConfigurableApplicationContext context = new SpringApplicationBuilder(Bactrian.class)
            .initializers(starting -> starting.addBeanFactoryPostProcessor(this::replaceTheScraper))
            .run(
                    "--server.port=0",
                    "--management.server.port=0",
                    "--bactrian.data-directory=" + TestFork.directory("failing"),
                    "--spring.datasource.url=" + database.url(),
                    "--spring.artemis.broker-url=" + broker.url() + "?consumerWindowSize=0",
                    "--bactrian.egress.allow=127.0.0.0/8",
                    "--bactrian.rate-limit.enabled=false");

    /** The route's scraper is one that fails; the real one gets another name. */
    private void replaceTheScraper(ConfigurableListableBeanFactory factory) {
        BeanDefinitionRegistry beans = (BeanDefinitionRegistry) factory;
        BeanDefinition real = beans.getBeanDefinition("htmlScraper");
        beans.removeBeanDefinition("htmlScraper");
        beans.registerBeanDefinition("realScraper", real);
        beans.registerBeanDefinition(
                "htmlScraper", new RootBeanDefinition(Scraper.class, () -> page -> scrape(factory, page)));
    }

    private Outcome scrape(BeanFactory beans, PageRequest page) {
        if (page.url().endsWith("/fails") && failures.getAndIncrement() < 2) {
            throw new IllegalStateException("The engine has failed.");
        }
        return beans.getBean("realScraper", Scraper.class).scrape(page);
    }

    @AfterEach
    void close() {
        context.close();
        site.close();
        broker.close();
        database.close();
    }

    @Test
    void aStepWhoseEngineFailsGoesBackToItsQueueAndKeepsNoThreadBusy() {
        for (String path : new String[] {"/first", "/fails", "/last"}) {
            site.on(path, Behaviours.page("<h1>" + path + "</h1>"));
        }
        Account account =
                new Service(port("local.server.port"), port("local.management.port"), database.jdbc()).register();

        assertThat(account.rowsOf(TaskRequest.simple(site.url("/first"), site.url("/fails"), site.url("/last"))))
                .extracting(row -> row.at("/data/title").asText())
                .containsExactly("/first", "/fails", "/last");

        assertThat(failures).hasValue(3);
        await("no step is under way").atMost(Duration.ofSeconds(10)).until(() -> threadsInASplit() == 0);
    }

    private static long threadsInASplit() {
        return Thread.getAllStackTraces().values().stream()
                .filter(frames -> Arrays.stream(frames)
                        .anyMatch(frame -> frame.getClassName().startsWith("org.apache.camel.processor.Multicast")))
                .count();
    }

    private int port(String property) {
        return context.getEnvironment().getRequiredProperty(property, Integer.class);
    }
}
