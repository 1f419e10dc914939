package io.bactrian.outage;

import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.jspecify.annotations.Nullable;

/** A server that the service needs and that may be away. */
public enum Outage {
    /** PostgreSQL: there is no connection, it has broken, or the server has no room for what is asked. */
    DATABASE("The database"),
    /** Artemis: there is no connection, it has broken, or there was no answer on it in time. */
    BROKER("The message broker");

    private static final Set<ActiveMQExceptionType> UNREACHABLE = Set.of(
            ActiveMQExceptionType.NOT_CONNECTED,
            ActiveMQExceptionType.CONNECTION_TIMEDOUT,
            ActiveMQExceptionType.DISCONNECTED,
            ActiveMQExceptionType.REMOTE_DISCONNECT,
            ActiveMQExceptionType.UNBLOCKED,
            ActiveMQExceptionType.OBJECT_CLOSED);

    private static final int DEEPEST = 30;

    private final String title;

    Outage(String title) {
        this.title = title;
    }

    /** The name for people, at the beginning of a sentence. */
    String title() {
        return title;
    }

    /** Which server's being away has caused a failure; null where none has. */
    public static @Nullable Outage of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof SQLException problem && isAway(problem)) {
                return DATABASE;
            }
            if (cause instanceof ActiveMQException problem) {
                return UNREACHABLE.contains(problem.getType()) ? BROKER : null;
            }
            // A client that was closed underneath, or could not connect, has no other cause.
            if (cause instanceof JMSException && cause.getCause() == null && saysClosed(cause)) {
                return BROKER;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /**
     * Connections (08), resources of the server (53), its shutdown (57P) and its input and output (58). The pool names no state
     * for a connection that has broken before it is used again.
     */
    private static boolean isAway(SQLException problem) {
        String state = problem.getSQLState();
        return problem instanceof SQLTransientConnectionException
                || (state == null && "Connection is closed".equals(problem.getMessage()))
                || (state != null
                        && (state.startsWith("08")
                                || state.startsWith("53")
                                || state.startsWith("57P")
                                || state.startsWith("58")));
    }

    private static boolean saysClosed(Throwable problem) {
        return problem instanceof jakarta.jms.IllegalStateException
                || String.valueOf(problem.getMessage()).contains("closed");
    }
}
