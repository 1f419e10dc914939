package io.bactrian.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 with bounds on what a client may do with connections: how many one network has open, how long a head takes,
 * how long the rest of a body that nobody reads.
 *
 * <p>Tomcat itself limits the silence between two reads only, so a byte now and then holds a connection for ever, and it counts
 * connections of all clients together. Tomcat makes the object by the name of its class; {@link #bind} is called before it
 * starts.
 */
public final class BoundedHttp extends Http11NioProtocol {
    private long headNanos = Long.MAX_VALUE;
    private long swallowNanos = Long.MAX_VALUE;

    public BoundedHttp() {
        super(new Endpoint());
    }

    /** Sets the bounds. */
    void bind(ConnectionProperties properties, ClientAddress addresses) {
        headNanos = properties.headTimeout().toNanos();
        swallowNanos = properties.readTimeout().toNanos();
        Endpoint endpoint = (Endpoint) getEndpoint();
        endpoint.addresses = addresses;
        endpoint.open = new OpenConnections(properties.perAddress());
        endpoint.writeTimeout = properties.writeTimeout().toMillis();
        setConnectionTimeout(Math.toIntExact(properties.headTimeout().toMillis()));
        setDisableUploadTimeout(false);
        setConnectionUploadTimeout(Math.toIntExact(properties.readTimeout().toMillis()));
    }

    @Override
    protected Processor createProcessor() {
        return new BoundedProcessor();
    }

    /** Takes connections in, as long as their network has not too many. */
    private static final class Endpoint extends NioEndpoint {
        private @Nullable ClientAddress addresses;
        private @Nullable OpenConnections open;
        private long writeTimeout;

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (!admits(socket)) {
                destroySocket(socket);
                return false;
            }
            if (!super.setSocketOptions(socket)) {
                return false;
            }
            SocketWrapperBase<?> connection = connections.get(socket);
            if (connection != null) {
                // Tomcat gives writes the time that heads have.
                connection.setWriteTimeout(writeTimeout);
            }
            return true;
        }

        private boolean admits(SocketChannel socket) {
            if (addresses == null || open == null) {
                return true;
            }
            try {
                if (!(socket.getRemoteAddress() instanceof InetSocketAddress remote)) {
                    return false;
                }
                String network = addresses.networkOf(remote.getAddress());
                return network == null || open.admit(network, socket);
            } catch (IOException gone) {
                return false;
            }
        }
    }

    /** Reads one request after the other from a connection, each within its time. */
    private final class BoundedProcessor extends Http11Processor {
        private final Adapter watched = new WatchedAdapter();

        /** The connection that this serves, while the head of its next request has not come whole. */
        private @Nullable SocketWrapperBase<?> waiting;

        private long waitingSince;
        private @Nullable SocketWrapperBase<?> served;
        private @Nullable ScheduledFuture<?> end;

        BoundedProcessor() {
            super(BoundedHttp.this, BoundedHttp.this.getAdapter());
        }

        @Override
        public Adapter getAdapter() {
            return watched;
        }

        @Override
        public SocketState service(SocketWrapperBase<?> connection) throws IOException {
            if (!connection.equals(waiting)) {
                await(connection);
            } else if (System.nanoTime() - waitingSince > headNanos) {
                waiting = null;
                return SocketState.CLOSED;
            }
            served = connection;
            SocketState state = super.service(connection);
            swallowed();
            if (state != SocketState.LONG || isAsync()) {
                waiting = null;
            }
            return state;
        }

        @Override
        protected SocketState dispatchEndRequest() {
            swallowing();
            try {
                return super.dispatchEndRequest();
            } finally {
                swallowed();
            }
        }

        private void await(@Nullable SocketWrapperBase<?> connection) {
            waiting = connection;
            waitingSince = System.nanoTime();
        }

        /** Tomcat reads what is left of a body, so that the client sees the answer; a client that sends it slowly is cut off. */
        private void swallowing() {
            SocketWrapperBase<?> connection = served;
            if (connection != null && !isRequestBodyFullyRead()) {
                end = getUtilityExecutor().schedule(connection::close, swallowNanos, TimeUnit.NANOSECONDS);
            }
        }

        private void swallowed() {
            if (end != null) {
                end.cancel(false);
                end = null;
            }
        }

        /** Tomcat's adapter to the servlets, and what has to be known of the time before and after each request. */
        private final class WatchedAdapter implements Adapter {
            private final Adapter servlets = BoundedHttp.this.getAdapter();

            @Override
            public void service(Request request, Response response) throws Exception {
                swallowed();
                servlets.service(request, response);
                await(served);
                if (!isAsync()) {
                    swallowing();
                }
            }

            @Override
            public boolean prepare(Request request, Response response) throws Exception {
                return servlets.prepare(request, response);
            }

            @Override
            public boolean asyncDispatch(Request request, Response response, SocketEvent status) throws Exception {
                return servlets.asyncDispatch(request, response, status);
            }

            @Override
            public void log(Request request, Response response, long time) {
                servlets.log(request, response, time);
            }

            @Override
            public void checkRecycled(Request request, Response response) {
                servlets.checkRecycled(request, response);
            }

            @Override
            public String getDomain() {
                return servlets.getDomain();
            }
        }
    }
}
