package io.bactrian.api;

import io.bactrian.api.contract.Contract;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** What every answer has, whoever gives it: a request id, security headers, and a limit to the body that is read. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class EveryRequestFilter extends OncePerRequestFilter {
    private final CamelContext routes;
    private final Contract contract;
    private final CallLimits limits;
    private final ErrorAnswers errors;

    EveryRequestFilter(CamelContext routes, Contract contract, CallLimits limits, ErrorAnswers errors) {
        this.routes = routes;
        this.contract = contract;
        this.limits = limits;
        this.errors = errors;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String id = prepare(request, response);
        MDC.put("request", id);
        try {
            Answer refusal = refusal(request);
            if (refusal != null) {
                errors.write(limits.countRefused(refusal, request.getRequestURI(), request, response), response);
                return;
            }
            chain.doFilter(new ClientRequest(request), response);
        } finally {
            MDC.remove("request");
        }
    }

    /** Chooses the request's id, which it returns, and sets what every answer has. */
    static String prepare(HttpServletRequest request, HttpServletResponse response) {
        String path = String.valueOf(request.getRequestURI());
        String id = RequestId.choose(request.getHeader(RequestId.HEADER));
        request.setAttribute(RequestId.HEADER, id);
        response.setHeader(RequestId.HEADER, id);
        SecurityHeaders.set(request, response, isPage(path));
        return id;
    }

    /** The answer to a request that no operation is for, or null. */
    private @Nullable Answer refusal(HttpServletRequest request) {
        String path = request.getRequestURI();
        List<String> methods = contract.allowedMethods(path);
        if (methods.isEmpty()) {
            return isFile(path) ? null : errors.answer(404, path, request);
        }
        if (!routes.getStatus().isStarted()) {
            return errors.answer(503, path, request);
        }
        if (!methods.contains(request.getMethod())) {
            return errors.answer(405, path, request);
        }
        int limit = RequestBodies.limit(contract.operation(request.getMethod(), path));
        return request.getContentLengthLong() > limit ? errors.answer(new BodyTooLargeException(limit), request) : null;
    }

    private static boolean isPage(String path) {
        return path.equals("/docs") || isFile(path);
    }

    private static boolean isFile(String path) {
        return path.startsWith("/documentation/") || path.startsWith("/webjars/");
    }
}
