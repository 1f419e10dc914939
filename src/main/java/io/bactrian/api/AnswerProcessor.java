package io.bactrian.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Surface;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.catalina.connector.ClientAbortException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** The last step of every operation: writes its {@link Answer} as HTTP. */
@Component("answer")
final class AnswerProcessor implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerProcessor.class);

    static final String JSON = "application/json";

    /** What a client accepts to have Selextract's bodies wrapped in {@code data}, {@code timestamp} and {@code request_id}. */
    private static final String ENVELOPE = "application/vnd.selextract.envelope+json";

    private final Contract contract;
    private final ObjectMapper json;
    private final Clock clock;

    AnswerProcessor(Contract contract, ObjectMapper json, Clock clock) {
        this.contract = contract;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        HttpServletRequest request = exchange.getProperty(AdmitCallProcessor.REQUEST, HttpServletRequest.class);
        HttpServletResponse response = exchange.getProperty(AdmitCallProcessor.RESPONSE, HttpServletResponse.class);
        Message message = exchange.getMessage();
        Answer answer = message.getBody(Answer.class);
        message.removeHeaders("*");
        answer.headers().forEach(message::setHeader);
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        answer.cookies().forEach(cookie -> response.addHeader("Set-Cookie", cookie));
        switch (answer.content()) {
            case Answer.Json content -> {
                Object value = content.value();
                String type = JSON;
                if (answer.status() < 300 && wantsEnvelope(request)) {
                    value = envelope(request, value);
                    type = ENVELOPE;
                }
                write(message, type, json.writeValueAsBytes(value));
            }
            case Answer.Stream content -> {
                stream(request, response, answer, content);
                message.setBody(null);
            }
        }
    }

    private static void write(Message message, String type, byte[] bytes) {
        message.setHeader(Exchange.CONTENT_TYPE, type);
        message.setHeader(Exchange.HTTP_CHUNKED, false);
        message.setBody(bytes);
    }

    /** Writes straight to the socket: the reader's pace is the writer's, and nothing is held in memory. */
    private static void stream(
            HttpServletRequest request, HttpServletResponse response, Answer answer, Answer.Stream content)
            throws IOException {
        response.setStatus(answer.status());
        response.setContentType(content.mediaType());
        answer.headers().forEach(response::setHeader);
        try {
            content.writer().writeTo(response.getOutputStream());
            response.flushBuffer();
        } catch (ClientAbortException | AsyncRequestNotUsableException gone) {
            LOG.debug("The reader of request {} has gone", RequestId.of(request), gone);
        } catch (IOException | RuntimeException failed) {
            if (!response.isCommitted()) {
                response.resetBuffer();
                throw failed;
            }
            LOG.error("The answer to request {} broke off", RequestId.of(request), failed);
            BrokenStreams.breakOff(request);
        }
    }

    private boolean wantsEnvelope(HttpServletRequest request) {
        String accept = request.getHeader("Accept");
        return accept != null
                && accept.contains(ENVELOPE)
                && contract.surfaceOf(request.getRequestURI()) == Surface.SELEXTRACT;
    }

    private Map<String, Object> envelope(HttpServletRequest request, Object value) {
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("data", value);
        envelope.put("timestamp", clock.instant().truncatedTo(ChronoUnit.MILLIS));
        envelope.put("request_id", RequestId.of(request));
        return envelope;
    }
}
