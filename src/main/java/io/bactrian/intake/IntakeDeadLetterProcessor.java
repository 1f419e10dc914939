package io.bactrian.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultMessage;
import org.springframework.stereotype.Component;

/** Makes the dead letter of a message of the inbox: its body, its properties without credentials, and why it is one. */
@Component("intakeDeadLetter")
final class IntakeDeadLetterProcessor implements Processor {

    @Override
    public void process(Exchange exchange) {
        InboxMessage message = exchange.getVariable("inbox", InboxMessage.class);
        IntakeAnswer answer = exchange.getVariable("answer", IntakeAnswer.class);
        Message letter = new DefaultMessage(exchange);
        message.properties().forEach(letter::setHeader);
        letter.setHeader("error", answer.reason());
        letter.setHeader("status", answer.status());
        if (message.messageId() != null) {
            letter.setHeader("original_message_id", message.messageId());
        }
        if (message.correlationId() != null) {
            letter.setHeader("JMSCorrelationID", message.correlationId());
        }
        letter.setBody(message.content());
        exchange.setMessage(letter);
    }
}
