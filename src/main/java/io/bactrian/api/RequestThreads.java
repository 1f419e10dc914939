package io.bactrian.api;

import java.util.concurrent.Executors;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpEngine;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The threads that requests over HTTP run on: virtual ones with a name of their own, which their part of the database's
 * connections is given by. Without them Camel would take those of messages.
 */
@Configuration(proxyBeanMethods = false)
class RequestThreads {
    @Bean("platform-http-engine")
    SpringBootPlatformHttpEngine requestEngine(@Value("${server.port:8080}") int port) {
        return new SpringBootPlatformHttpEngine(
                port,
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("request-", 0).factory()));
    }
}
