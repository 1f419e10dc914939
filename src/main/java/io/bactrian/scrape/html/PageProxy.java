package io.bactrian.scrape.html;

import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.polite.Proxies;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The proxy that one attempt at a page goes through, its redirects included: another one when it cannot be used. */
final class PageProxy {
    private final EgressClient client;
    private final Proxies proxies;
    private final String lane;
    private final @Nullable ProxyRotation rotation;
    private final Set<UpstreamProxy> failed = new HashSet<>();
    private @Nullable UpstreamProxy chosen;

    PageProxy(EgressClient client, Proxies proxies, PageRequest page) {
        this(client, proxies, page.options().proxies(), page.lane());
    }

    PageProxy(EgressClient client, Proxies proxies, @Nullable ProxyRotation asked, String lane) {
        this.client = client;
        this.proxies = proxies;
        this.lane = lane;
        this.rotation = asked != null && proxies.configured(asked.pool()) ? asked : null;
    }

    /**
     * Sends a request directly, or through a proxy where the task asks for one and its pool is configured.
     *
     * @throws EgressFailedException for {@code PROXY_UNAVAILABLE} if none of the pool's proxies can be used
     */
    EgressResponse execute(EgressRequest.Builder request) {
        if (rotation == null) {
            return client.execute(request.build());
        }
        while (true) {
            UpstreamProxy proxy = chosen(rotation);
            try {
                EgressResponse response = client.execute(request.via(proxy).build());
                proxies.succeeded(proxy);
                return response;
            } catch (EgressFailedException failure) {
                if (failure.reason() != Reason.PROXY_UNAVAILABLE) {
                    throw failure;
                }
                proxies.failed(proxy);
                failed.add(proxy);
                chosen = null;
            }
        }
    }

    private UpstreamProxy chosen(ProxyRotation from) {
        @Nullable UpstreamProxy proxy = chosen == null ? proxies.choose(from, lane) : chosen;
        if (proxy == null || failed.contains(proxy)) {
            throw new EgressFailedException(
                    Reason.PROXY_UNAVAILABLE, "None of the configured proxies can be used at the moment.");
        }
        chosen = proxy;
        return proxy;
    }
}
