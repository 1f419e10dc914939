package io.bactrian.api;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.spi.RestConfiguration;
import org.apache.camel.spi.RestOpenApiConsumerFactory;
import org.springframework.stereotype.Component;

/**
 * Mounts the second OpenAPI document at the root of the same server.
 *
 * <p>Camel knows a mounted document by its endpoint's URI and refuses two documents at one path; here the URI differs by
 * an option that changes nothing else.
 */
@Component("mapscraper-http")
final class MapscraperServer implements RestOpenApiConsumerFactory {

    @Override
    public Consumer createConsumer(
            CamelContext context,
            Processor processor,
            String contextPath,
            RestConfiguration configuration,
            Map<String, Object> parameters)
            throws Exception {
        RestConfiguration own = new RestConfiguration();
        own.setEndpointProperties(Map.of("useStreaming", "true", "muteException", "true"));
        return context.getComponent("platform-http", PlatformHttpComponent.class)
                .createConsumer(context, processor, contextPath, own, parameters);
    }
}
