package io.bactrian.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.util.function.Supplier;
import org.littleshoot.proxy.TransportProtocol;
import org.littleshoot.proxy.impl.ServerGroup;

/**
 * The threads that all listeners share, as one listener sees them: requests come through a {@link RequestGate}, and
 * connections go out through an {@link OutgoingConnection}.
 */
final class ListenerThreads extends ServerGroup {
    /** What LittleProxy calls its own handler of requests. */
    private static final String LIBRARY_HANDLER = "handler";

    private final ServerGroup shared;
    private final EventLoopGroup fromClients;
    private final EventLoopGroup toServers;

    ListenerThreads(ServerGroup shared, Supplier<RequestGate> gates, Supplier<OutgoingConnection> connections) {
        super("egress-listener", 0, 0, 0, false);
        this.shared = shared;
        this.fromClients = new HookedThreads(
                shared.getClientToProxyWorkerPoolForTransport(TransportProtocol.TCP),
                // The library's initializer stands before this one in the pipeline and has run when this one does.
                channel -> channel.pipeline().addLast(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addBefore(LIBRARY_HANDLER, "gate", gates.get());
                    }
                }));
        this.toServers = new HookedThreads(
                shared.getProxyToServerWorkerPoolForTransport(TransportProtocol.TCP),
                channel -> channel.pipeline().addFirst("egress", connections.get()));
    }

    @Override
    public EventLoopGroup getClientToProxyAcceptorPoolForTransport(TransportProtocol protocol) {
        return shared.getClientToProxyAcceptorPoolForTransport(protocol);
    }

    @Override
    public EventLoopGroup getClientToProxyWorkerPoolForTransport(TransportProtocol protocol) {
        return fromClients;
    }

    @Override
    public EventLoopGroup getProxyToServerWorkerPoolForTransport(TransportProtocol protocol) {
        return toServers;
    }
}
