package io.bactrian.outbox;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The name of this node's database in messages, by which nodes that share a broker but no database know their own. */
@Component
final class Installation {
    /** The message property that has the name. */
    static final String PROPERTY = "bactrian_database";

    private final UUID id;

    Installation(JdbcClient database) {
        this.id = database.sql("SELECT id FROM installation").query(UUID.class).single();
    }

    UUID id() {
        return id;
    }

    /** Selects the messages of this database, and those that name none: an earlier version has sent them. */
    String selector() {
        return "%s IS NULL OR %s = '%s'".formatted(PROPERTY, PROPERTY, id);
    }
}
