package io.bactrian.egress;

import java.net.InetAddress;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Makes the guard and the clients from the configuration. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({EgressProperties.class, WebhookEgressProperties.class})
class EgressConfiguration {
    @Bean
    AddressPolicy addressPolicy(EgressProperties properties) {
        return new AddressPolicy(properties.allow(), properties.ports());
    }

    @Bean
    OwnPorts ownPorts(Environment environment) {
        return new ConfiguredPorts(environment);
    }

    @Bean
    EgressGuard egressGuard(AddressPolicy policy, EgressProperties properties, OwnPorts own) {
        return new EgressGuard(policy, properties.resolveTimeout(), InetAddress::getAllByName, own);
    }

    @Bean
    EgressClient egressClient(EgressGuard guard, EgressProperties properties, ForwardingProxy proxy) {
        return new EgressClient(guard, properties, proxy);
    }

    /** For what webhooks are sent to, by {@code @Qualifier("webhookGuard")}. */
    @Bean(defaultCandidate = false)
    EgressGuard webhookGuard(EgressProperties properties, WebhookEgressProperties webhooks, OwnPorts own) {
        return new EgressGuard(
                new AddressPolicy(webhooks.allow(), properties.ports()),
                properties.resolveTimeout(),
                InetAddress::getAllByName,
                own);
    }

    /** Sends webhooks, by {@code @Qualifier("webhookClient")}. */
    @Bean(defaultCandidate = false)
    EgressClient webhookClient(
            @Qualifier("webhookGuard") EgressGuard guard, EgressProperties properties, ForwardingProxy proxy) {
        return new EgressClient(guard, properties, proxy);
    }

    /** What camel-http sends webhooks with; routes name it in their endpoint's {@code httpClient}. */
    @Bean
    WebhookHttpClient webhookHttpClient(
            @Qualifier("webhookClient") EgressClient client, WebhookEgressProperties webhooks) {
        return new WebhookHttpClient(client, webhooks.timeout());
    }

    @Bean
    ForwardingProxy forwardingProxy(EgressGuard guard, EgressProperties properties) {
        return new ForwardingProxy(guard, properties);
    }

    @Bean
    OperatorClient operatorClient() {
        return new OperatorClient();
    }
}
