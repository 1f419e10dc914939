package io.bactrian.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultMessage;
import org.springframework.stereotype.Component;

/** Makes the answer to a message of the inbox. */
@Component("intakeReply")
final class IntakeReplyProcessor implements Processor {

    @Override
    public void process(Exchange exchange) {
        InboxMessage message = exchange.getVariable("inbox", InboxMessage.class);
        IntakeAnswer answer = exchange.getVariable("answer", IntakeAnswer.class);
        Message reply = new DefaultMessage(exchange);
        reply.setHeader("CamelJmsDestinationName", message.replyTo());
        if (message.correlationId() != null) {
            reply.setHeader("JMSCorrelationID", message.correlationId());
        }
        reply.setHeader("status", answer.status());
        reply.setHeader("content_type", "application/json");
        reply.setBody(answer.body());
        exchange.setMessage(reply);
    }
}
