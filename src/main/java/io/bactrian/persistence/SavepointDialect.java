package io.bactrian.persistence;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.SavepointManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;

/**
 * Spring's adapter to Hibernate, with savepoints of the connection for nested transactions.
 *
 * <p>What a session has changed is written before a savepoint, so that it stays on a return to it; after a return the session
 * has no entities, because those that it had may never have been.
 */
final class SavepointDialect extends HibernateJpaDialect {
    private static final long serialVersionUID = 1L;

    @Override
    public Object beginTransaction(EntityManager entities, TransactionDefinition definition) throws SQLException {
        return new Begun(entities, super.beginTransaction(entities, definition));
    }

    @Override
    public void cleanupTransaction(@Nullable Object transaction) {
        super.cleanupTransaction(transaction instanceof Begun begun ? begun.session() : transaction);
    }

    /** @param session what the adapter keeps of a transaction */
    private record Begun(EntityManager entities, Object session) implements SavepointManager {
        private Connection connection() {
            return entities.unwrap(SessionImplementor.class)
                    .getJdbcCoordinator()
                    .getLogicalConnection()
                    .getPhysicalConnection();
        }

        @Override
        public Object createSavepoint() {
            entities.flush();
            try {
                return connection().setSavepoint();
            } catch (SQLException e) {
                throw new TransactionSystemException("A savepoint could not be made", e);
            }
        }

        @Override
        public void rollbackToSavepoint(Object savepoint) {
            try {
                connection().rollback((Savepoint) savepoint);
            } catch (SQLException e) {
                throw new TransactionSystemException("The transaction could not go back to its savepoint", e);
            }
            entities.clear();
        }

        @Override
        public void releaseSavepoint(Object savepoint) {
            try {
                connection().releaseSavepoint((Savepoint) savepoint);
            } catch (SQLException e) {
                throw new TransactionSystemException("A savepoint could not be released", e);
            }
        }
    }
}
