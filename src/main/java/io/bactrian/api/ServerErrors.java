package io.bactrian.api;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Gives the errors that never reach a route, such as an unknown path, the shape of every other error. */
@Controller
final class ServerErrors implements ErrorController {
    private static final Logger LOG = LoggerFactory.getLogger(ServerErrors.class);

    private final CallLimits limits;
    private final ErrorAnswers errors;

    ServerErrors(CallLimits limits, ErrorAnswers errors) {
        this.limits = limits;
        this.errors = errors;
    }

    @RequestMapping("${server.error.path:/error}")
    void error(HttpServletRequest request, HttpServletResponse response) {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        String path = original == null ? request.getRequestURI() : original.toString();
        HttpServletRequest sent = new Dispatched(request, path);
        if (request.getAttribute(RequestId.HEADER) == null) {
            // The server refused the request before any filter saw it.
            EveryRequestFilter.prepare(request, response);
        }
        try {
            Answer answer = errors.answer(status instanceof Integer code ? code : 404, path, sent);
            errors.write(limits.countRefused(answer, path, sent, response), response);
        } catch (IOException gone) {
            // Thrown on, it would make Spring look for a view of the error, and log that there is none.
            LOG.debug("A client did not wait for its error", gone);
        }
    }

    /** The request as the client sent it, not as it was forwarded here. */
    private static final class Dispatched extends jakarta.servlet.http.HttpServletRequestWrapper {
        private final String path;

        Dispatched(HttpServletRequest request, String path) {
            super(request);
            this.path = path;
        }

        @Override
        public String getRequestURI() {
            return path;
        }
    }
}
