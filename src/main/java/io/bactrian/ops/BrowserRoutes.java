package io.bactrian.ops;

import io.bactrian.scrape.browser.BrowserAvailability;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.spi.RouteController;
import org.springframework.stereotype.Component;

/**
 * The routes of the group {@code browser}, which take work only while a browser starts on this node: a node without one
 * leaves their queues to others.
 */
@Component
public final class BrowserRoutes {
    private static final String GROUP = "browser";
    private static final long STOPPED_WITHIN_SECONDS = 10;

    private final CamelContext routes;
    private final BrowserAvailability browser;
    private volatile boolean taking;

    BrowserRoutes(CamelContext routes, BrowserAvailability browser) {
        this.routes = routes;
        this.browser = browser;
    }

    /** Starts or stops the routes, as there is a browser or none. */
    public void match() throws Exception {
        boolean available = browser.look() == BrowserAvailability.State.AVAILABLE;
        if (!routes.getStatus().isStarted()) {
            return;
        }
        RouteController controller = routes.getRouteController();
        try {
            for (Route route : routes.getRoutes()) {
                if (!GROUP.equals(route.getGroup())) {
                    continue;
                }
                ServiceStatus status = controller.getRouteStatus(route.getId());
                if (available && status.isStartable()) {
                    controller.startRoute(route.getId());
                } else if (!available && status.isStarted()) {
                    // A page that is still open in another browser ends first: then it is tried again.
                    boolean stopped =
                            controller.stopRoute(route.getId(), STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS, true);
                    if (!stopped) {
                        return;
                    }
                }
            }
        } finally {
            taking = available;
        }
    }

    /** Whether a route should be started on this node now. */
    boolean expects(Route route) {
        return taking || !GROUP.equals(route.getGroup());
    }

    /** Whether a browser starts on this node, as the word that {@code GET /health} has for it. */
    String state() {
        return browser.state().word();
    }
}
