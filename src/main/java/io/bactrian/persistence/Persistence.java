package io.bactrian.persistence;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.JpaVendorAdapter;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

/** One kind of transaction for the whole service, in which Hibernate and JDBC have the same connection and the same savepoints. */
@Configuration(proxyBeanMethods = false)
public class Persistence {

    /** Hibernate with the savepoints that Spring's adapter to it lacks. */
    @Bean
    public static JpaVendorAdapter jpaVendorAdapter() {
        SavepointDialect dialect = new SavepointDialect();
        return new HibernateJpaVendorAdapter() {
            @Override
            public SavepointDialect getJpaDialect() {
                return dialect;
            }
        };
    }

    /**
     * A part that fails, within another's transaction, dooms it only where its failure reaches the one who began it: Hibernate
     * cannot take such a mark back, as a return to a savepoint has to.
     */
    @Bean
    public static JpaTransactionManager transactionManager(EntityManagerFactory factory) {
        JpaTransactionManager manager = new JpaTransactionManager(factory);
        manager.setGlobalRollbackOnParticipationFailure(false);
        return manager;
    }

    /** Each transaction has its own entities. */
    @Bean
    static EntityManager entityManager(EntityManagerFactory factory) {
        return SharedEntityManagerCreator.createSharedEntityManager(factory);
    }
}
