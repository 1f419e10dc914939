package io.bactrian.outage;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/** Puts a {@link GuardedDataSource} in front of the service's connection pool, for everybody who uses it. */
@Component
final class DatabaseGuard implements BeanPostProcessor {
    private volatile @Nullable GuardedDataSource guarded;

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool) {
            GuardedDataSource guard = new GuardedDataSource(pool, System::nanoTime);
            guarded = guard;
            return guard;
        }
        return bean;
    }

    /** The pool that is guarded; empty where there is none. */
    Optional<GuardedDataSource> guarded() {
        return Optional.ofNullable(guarded);
    }
}
