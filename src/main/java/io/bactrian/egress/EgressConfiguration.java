package io.bactrian.egress;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the guard and the clients from the configuration. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EgressProperties.class)
class EgressConfiguration {
    @Bean
    AddressPolicy addressPolicy(EgressProperties properties) {
        return new AddressPolicy(properties.allow(), properties.ports());
    }

    @Bean
    EgressGuard egressGuard(AddressPolicy policy, EgressProperties properties) {
        return new EgressGuard(policy, properties.resolveTimeout());
    }

    @Bean
    EgressClient egressClient(EgressGuard guard, EgressProperties properties) {
        return new EgressClient(guard, properties);
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
