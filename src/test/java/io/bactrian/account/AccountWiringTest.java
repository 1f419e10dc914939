package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

class AccountWiringTest {
    @TempDir
    Path directory;

    @EnableConfigurationProperties(SignInProperties.class)
    static class SignInConfiguration {}

    @Test
    void theRoomNeedsADatabaseAClockADirectoryAndAWayOutOnly() {
        try (TestDatabase database = TestDatabase.create();
                AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("test", Map.of("bactrian.data-directory", directory.toString())));
            context.registerBean(JdbcClient.class, database::jdbc);
            context.registerBean(TransactionTemplate.class, database::transactions);
            context.registerBean(Clock.class, Clock::systemUTC);
            context.register(SignInConfiguration.class);
            context.scan("io.bactrian.account", "io.bactrian.egress");
            context.refresh();

            Registration registration =
                    context.getBean(Accounts.class).register("wired@example.com", PASSWORD, "Wired");
            Caller caller = context.getBean(Authenticator.class).authenticate("Bearer " + registration.token(), null);

            assertThat(caller.email()).isEqualTo("wired@example.com");
            assertThat(directory.resolve("keys/master.key")).isRegularFile();
        }
    }
}
