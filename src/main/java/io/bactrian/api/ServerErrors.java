package io.bactrian.api;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives the errors that never reach a route, such as an unknown path, the shape of every other error.
 *
 * <p>Whoever leaves while an answer is written is no error of the service's, and no line of its log.
 *
 * <p>It answers before Spring's dispatcher, which takes the error of a request that was under way for the result of that request,
 * and looks for a view of it. As an {@link ErrorController} it takes the place of Spring's own.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ServerErrors extends OncePerRequestFilter implements ErrorController {
    private static final Logger LOG = LoggerFactory.getLogger(ServerErrors.class);

    private final CallLimits limits;
    private final ErrorAnswers errors;

    ServerErrors(CallLimits limits, ErrorAnswers errors) {
        this.limits = limits;
        this.errors = errors;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getDispatcherType() != DispatcherType.ERROR && !isAsyncDispatch(request);
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!isAsyncDispatch(request)) {
            answer(request, response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } catch (IOException gone) {
            if (!response.isCommitted()) {
                throw gone;
            }
            // The server would log that the servlet has failed, twice and with a stack trace.
            LOG.debug("A client left, or took nothing of its answer for too long", gone);
            BrokenStreams.breakOff(request);
        }
    }

    @Override
    protected void doFilterNestedErrorDispatch(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
        answer(request, response);
    }

    private void answer(HttpServletRequest request, HttpServletResponse response) {
        if (response.isCommitted()) {
            return;
        }
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
