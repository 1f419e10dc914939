package io.bactrian.account.openid;

import io.bactrian.egress.OperatorClient;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the client from the configuration. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OpenIdProperties.class)
class OpenIdConfiguration {
    @Bean
    OpenIdClient openIdClient(
            OpenIdProperties properties,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl,
            OperatorClient http,
            Clock clock) {
        return new OpenIdClient(OpenIdRegistration.of(properties, publicUrl).orElse(null), http, clock);
    }
}
