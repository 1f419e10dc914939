package io.bactrian.api;

import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Lets the API's port speak {@link BoundedHttp}. */
@Component
final class BoundedConnections implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private final ConnectionProperties properties;
    private final ClientAddress addresses;

    BoundedConnections(ConnectionProperties properties, ClientAddress addresses) {
        this.properties = properties;
        this.addresses = addresses;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(BoundedHttp.class.getName());
        factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof BoundedHttp http) {
                http.bind(properties, addresses);
            }
        });
    }
}
