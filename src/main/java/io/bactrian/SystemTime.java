package io.bactrian;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one clock of a process, which is injected wherever somebody asks for the time. */
@Configuration(proxyBeanMethods = false)
public class SystemTime {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}
