package io.bactrian.api;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Answers what Tomcat cannot read as HTTP in the shape of every other error; its own answer would be a page. */
@Component
final class MalformedHttp implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private static final Logger LOG = LoggerFactory.getLogger(MalformedHttp.class);

    private final CallLimits limits;
    private final ErrorAnswers errors;

    MalformedHttp(CallLimits limits, ErrorAnswers errors) {
        this.limits = limits;
        this.errors = errors;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(
                context -> context.getParent().getPipeline().addValve(new Answers()));
    }

    private final class Answers extends ErrorReportValve {
        @Override
        protected void report(Request request, Response response, @Nullable Throwable cause) {
            int status = response.getStatus();
            if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
                return;
            }
            EveryRequestFilter.prepare(request, response);
            String path = String.valueOf(request.getRequestURI());
            try {
                Answer answer = errors.answer(status, path, request);
                errors.write(limits.countRefused(answer, path, request, response), response);
                response.finishResponse();
            } catch (IOException gone) {
                LOG.debug("A client did not wait for its error", gone);
            }
        }
    }
}
