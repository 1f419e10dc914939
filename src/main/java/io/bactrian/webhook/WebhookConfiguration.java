package io.bactrian.webhook;

import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What camel-http needs to send webhooks. */
@Configuration(proxyBeanMethods = false)
class WebhookConfiguration {
    /** Of the headers of a message, only those that a webhook has leave; of the headers of an answer, only one comes in. */
    @Bean
    HeaderFilterStrategy webhookHeaders() {
        DefaultHeaderFilterStrategy headers = new DefaultHeaderFilterStrategy();
        headers.setFilterOnMatch(false);
        headers.setOutFilterPattern(
                "(?i)webhook-(id|timestamp|signature)|x-webhook-signature|user-agent|content-disposition");
        headers.setInFilterPattern("(?i)retry-after");
        return headers;
    }
}
