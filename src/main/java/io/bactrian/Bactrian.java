package io.bactrian;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.jms.JmsAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** The service, as one Spring Boot application. */
@SpringBootApplication(exclude = JmsAutoConfiguration.class) // Messages are Camel's; nothing listens by annotations.
@ConfigurationPropertiesScan
public class Bactrian {
    public static void main(String[] arguments) {
        CommandLine.run(arguments);
    }

    /** Senders of messages: many at once, each waiting for the broker's disk. A stop waits for none that hangs. */
    @Bean(destroyMethod = "shutdownNow")
    ExecutorService senders() {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("sender-", 0).factory());
    }

    /** Consumers of messages run on virtual threads: most of their time they wait for a page. */
    @Bean
    AsyncTaskExecutor messageExecutor() {
        SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("message-");
        executor.setVirtualThreads(true);
        return executor;
    }
}
