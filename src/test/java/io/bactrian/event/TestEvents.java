package io.bactrian.event;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The publishing of events, for tests of rooms that publish some. */
public final class TestEvents {
    private TestEvents() {}

    /** Events that go to the outbox of that database. */
    public static Events on(TestDatabase database) {
        try (AnnotationConfigApplicationContext room = new AnnotationConfigApplicationContext()) {
            room.registerBean(JdbcClient.class, database::jdbc);
            room.registerBean(ObjectMapper.class, () -> new ObjectMapper().findAndRegisterModules());
            room.registerBean(Clock.class, () -> new SettableClock());
            room.register(Outbox.class, Events.class);
            room.refresh();
            return room.getBean(Events.class);
        }
    }
}
