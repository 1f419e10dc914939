package io.bactrian.egress;

import java.net.InetAddress;

/** Which addresses and ports are the service's own: its APIs, its management, its broker and its database. */
@FunctionalInterface
interface OwnPorts {
    /** For a guard over connections of something that listens nowhere. */
    OwnPorts NONE = (address, port) -> false;

    /** Whether something of the service's own listens there. */
    boolean isOwn(InetAddress address, int port);
}
