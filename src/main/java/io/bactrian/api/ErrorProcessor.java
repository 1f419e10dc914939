package io.bactrian.api;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/** Turns the exception that ended an operation's route into its {@link Answer}. */
@Component("errorAnswer")
final class ErrorProcessor implements Processor {
    private final ErrorAnswers errors;

    ErrorProcessor(ErrorAnswers errors) {
        this.errors = errors;
    }

    @Override
    public void process(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        HttpServletRequest request = exchange.getProperty(AdmitCallProcessor.REQUEST, HttpServletRequest.class);
        exchange.getMessage().setBody(errors.answer(cause, request));
    }
}
