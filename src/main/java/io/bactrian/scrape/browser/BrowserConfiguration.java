package io.bactrian.scrape.browser;

import io.bactrian.egress.EgressClient;
import io.bactrian.egress.ForwardingProxy;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.Extractor;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the browser engine from the configuration; no browser is started before it is looked at. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BrowserProperties.class)
class BrowserConfiguration {
    @Bean
    ChromiumFinder chromiumFinder(BrowserProperties settings) {
        return new ChromiumFinder(
                settings.executable(), System.getenv(), Path.of(System.getProperty("user.home", ".")));
    }

    @Bean
    BrowserPool browserPool(
            BrowserProperties settings,
            ChromiumFinder chromium,
            @Value("${bactrian.data-directory:var}") String dataDirectory,
            ForwardingProxy proxy,
            RobotsTxt robots,
            UserAgent userAgent,
            EgressClient client,
            Clock clock) {
        return new BrowserPool(
                settings,
                chromium,
                Path.of(dataDirectory, "browsers"),
                proxy,
                robots,
                userAgent,
                client.maxBodySize(),
                clock);
    }

    @Bean
    BrowserAvailability browserAvailability(BrowserPool pool) {
        return pool.availability();
    }

    @Bean
    BrowserVisits browserVisits(BrowserPool pool, RobotsTxt robots, Proxies proxies, Clock clock) {
        return new BrowserVisits(pool, robots, proxies, clock);
    }

    @Bean
    BrowserScraper browserScraper(BrowserPool pool, BrowserVisits visits, Extractor extractor, Clock clock) {
        return new BrowserScraper(pool, visits, extractor, clock);
    }

    @Bean
    SitePages sitePages(BrowserPool pool, BrowserVisits visits) {
        return new SitePages(pool, visits);
    }
}
