package io.bactrian.webhook;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/**
 * Turns an {@link Attempt} into the request that camel-http sends, without anything of what came before, and cleans
 * up after it, whatever becomes of the exchange.
 */
@Component("webhookRequest")
final class WebhookRequestProcessor implements Processor {

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Attempt delivery = message.getBody(Attempt.class);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                delivery.close();
            }
        });
        message.removeHeaders("*");
        delivery.headers().forEach(message::setHeader);
        message.setHeader(Exchange.CONTENT_TYPE, delivery.mediaType());
        // The URL is in the form that was checked, whose braces are encoded: there is no placeholder in it for Camel to
        // fill.
        message.setHeader(Exchange.HTTP_URI, delivery.url().toString());
        message.setBody(delivery.content());
    }
}
