package io.bactrian.embedded;

import java.util.Set;
import org.apache.activemq.artemis.api.core.Interceptor;
import org.apache.activemq.artemis.core.protocol.core.Channel;
import org.apache.activemq.artemis.core.protocol.core.CoreRemotingConnection;
import org.apache.activemq.artemis.core.protocol.core.Packet;
import org.apache.activemq.artemis.core.protocol.core.impl.ChannelImpl.CHANNEL_ID;
import org.apache.activemq.artemis.core.protocol.core.impl.PacketImpl;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.ReattachSessionResponseMessage;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * An interceptor of the embedded broker that takes, of the packets which CORE allows before a login, only those that a client
 * needs to log in.
 *
 * <p>The others are for brokers among themselves: to be told to connect to another one (CVE-2026-27446), to make queues
 * (GHSA-593h-2v8w-vxpx), to copy a journal, to vote. This broker has no others, so they end their connection. A client that has
 * lost its connection may ask for its session, and anybody else for the same one (CVE-2026-57967): it is told that the session is
 * gone, as after a restart, and makes another.
 */
public final class CorePackets implements Interceptor {
    private static final Set<Byte> CONNECTING =
            Set.of(PacketImpl.PING, PacketImpl.SUBSCRIBE_TOPOLOGY, PacketImpl.SUBSCRIBE_TOPOLOGY_V2);
    private static final Set<Byte> LOGGING_IN =
            Set.of(PacketImpl.CREATESESSION, PacketImpl.CREATESESSION_V2, PacketImpl.CHECK_FOR_FAILOVER);

    /** For the broker, which makes it by its name in {@code broker.xml}. */
    public CorePackets() {}

    @Override
    public boolean intercept(Packet packet, RemotingConnection connection) {
        long channel = packet.getChannelID();
        byte type = packet.getType();
        boolean allowed = channel >= CHANNEL_ID.USER.id
                || (channel == CHANNEL_ID.PING.id && CONNECTING.contains(type))
                || (channel == CHANNEL_ID.SESSION.id && LOGGING_IN.contains(type));
        if (!allowed) {
            if (channel == CHANNEL_ID.SESSION.id
                    && type == PacketImpl.REATTACH_SESSION
                    && connection instanceof CoreRemotingConnection core) {
                Channel answers = core.getChannel(CHANNEL_ID.SESSION.id, -1);
                answers.send(new ReattachSessionResponseMessage(-1, false));
            } else {
                connection.getTransportConnection().close();
            }
        }
        return allowed;
    }
}
