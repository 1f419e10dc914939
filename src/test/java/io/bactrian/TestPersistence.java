package io.bactrian;

import io.bactrian.persistence.Persistence;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.Map;
import javax.sql.DataSource;
import org.hibernate.boot.model.naming.CamelCaseToUnderscoresNamingStrategy;
import org.hibernate.cfg.AvailableSettings;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.annotation.PersistenceExceptionTranslationPostProcessor;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionTemplate;

/** Hibernate as the service has it, for tests that put a few rooms together themselves. */
public final class TestPersistence {
    private TestPersistence() {}

    /** Gives a context Hibernate and the transactions for it, on the {@link DataSource} that it has. */
    public static void register(GenericApplicationContext context) {
        context.registerBean(
                "entityManagerFactory",
                LocalContainerEntityManagerFactoryBean.class,
                () -> factory(context.getBean(DataSource.class)));
        context.registerBean(
                EntityManager.class,
                () -> SharedEntityManagerCreator.createSharedEntityManager(
                        context.getBean(EntityManagerFactory.class)));
        context.registerBean(
                "transactionManager",
                JpaTransactionManager.class,
                () -> Persistence.transactionManager(context.getBean(EntityManagerFactory.class)));
        // What fails in a repository has Spring's names, as Spring Boot sees to.
        context.registerBean(PersistenceExceptionTranslationPostProcessor.class, TestPersistence::translation);
        context.registerBean(
                TransactionTemplate.class, () -> new TransactionTemplate(context.getBean(JpaTransactionManager.class)));
    }

    private static PersistenceExceptionTranslationPostProcessor translation() {
        PersistenceExceptionTranslationPostProcessor translation = new PersistenceExceptionTranslationPostProcessor();
        translation.setProxyTargetClass(true);
        return translation;
    }

    private static LocalContainerEntityManagerFactoryBean factory(DataSource dataSource) {
        LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
        factory.setDataSource(dataSource);
        factory.setPackagesToScan("io.bactrian");
        factory.setJpaVendorAdapter(Persistence.jpaVendorAdapter());
        factory.setJpaPropertyMap(Map.of(
                AvailableSettings.HBM2DDL_AUTO,
                "validate",
                AvailableSettings.PHYSICAL_NAMING_STRATEGY,
                CamelCaseToUnderscoresNamingStrategy.class.getName(),
                AvailableSettings.XML_MAPPING_ENABLED,
                false,
                AvailableSettings.JDBC_TIME_ZONE,
                "UTC"));
        return factory;
    }
}
