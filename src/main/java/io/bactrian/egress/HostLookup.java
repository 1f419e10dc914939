package io.bactrian.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Name resolution as the operating system does it. */
@FunctionalInterface
interface HostLookup {
    /** All addresses of a host, at least one. */
    InetAddress[] lookup(String host) throws UnknownHostException;
}
