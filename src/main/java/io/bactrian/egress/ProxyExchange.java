package io.bactrian.egress;

import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/** A request that was let into the forwarding proxy, until its answer is complete; network threads share it. */
final class ProxyExchange {
    static final AttributeKey<ProxyExchange> CURRENT = AttributeKey.valueOf(ProxyExchange.class, "current");

    final ProxyTarget target;
    final CheckedRoute route;
    final RequestGate gate;

    private volatile boolean connecting;
    private volatile @Nullable RuntimeException failure;

    ProxyExchange(RequestGate gate, ProxyTarget target, CheckedRoute route) {
        this.gate = gate;
        this.target = target;
        this.route = route;
    }

    void connecting() {
        connecting = true;
    }

    /** Whether a connection had to be made for this request. */
    boolean isConnecting() {
        return connecting;
    }

    void failed(RuntimeException why) {
        failure = why;
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }
}
