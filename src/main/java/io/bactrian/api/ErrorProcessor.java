package io.bactrian.api;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Turns the exception that ended an operation's route into its {@link Answer}. */
@Component("errorAnswer")
final class ErrorProcessor implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorProcessor.class);

    private final ErrorAnswers errors;

    ErrorProcessor(ErrorAnswers errors) {
        this.errors = errors;
    }

    @Override
    public void process(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        HttpServletRequest request = exchange.getProperty(AdmitCallProcessor.REQUEST, HttpServletRequest.class);
        try {
            exchange.getMessage().setBody(errors.answer(cause, request));
        } catch (IllegalStateException recycled) {
            // The server has ended the request of a client that broke off, and has taken it back.
            LOG.debug("A client did not wait for its error", recycled);
            exchange.setRouteStop(true);
        }
    }
}
