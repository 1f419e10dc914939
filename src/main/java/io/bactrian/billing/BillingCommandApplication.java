package io.bactrian.billing;

import io.bactrian.SystemTime;
import io.bactrian.egress.OperatorClient;
import io.bactrian.persistence.Persistence;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.domain.EntityScan;
import org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcClientAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.TransactionAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/**
 * As much of the service as the command for money needs: the database, the room, and what it stands on. Beans that nothing
 * asks for are not made. Messages that it causes wait in the outbox for a running service.
 */
@EnableTransactionManagement
@Import({SystemTime.class, Persistence.class})
@EntityScan("io.bactrian.billing")
@ConfigurationPropertiesScan({"io.bactrian.account", "io.bactrian.billing", "io.bactrian.mail"})
@ComponentScan({
    "io.bactrian.account",
    "io.bactrian.billing",
    "io.bactrian.credit",
    "io.bactrian.event",
    "io.bactrian.mail",
    "io.bactrian.outbox"
})
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class,
    JacksonAutoConfiguration.class,
    HibernateJpaAutoConfiguration.class,
    TransactionAutoConfiguration.class
})
public class BillingCommandApplication {
    @Bean
    OperatorClient operatorClient() {
        return new OperatorClient();
    }

    @Bean
    MeterRegistry meters() {
        return new SimpleMeterRegistry();
    }

    /** Whether the database has this version's tables; nothing else of the room may be asked for before. */
    public static boolean hasTables(BeanFactory beans) {
        return beans.getBean(JdbcClient.class)
                .sql("SELECT to_regclass('billing_event') IS NOT NULL")
                .query(Boolean.class)
                .single();
    }
}
