package io.bactrian.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sets the security headers of what the management port serves.
 *
 * <p>That server has an application context of its own, which finds this filter by the list in {@code META-INF/spring}.
 */
final class ManagementHeaders extends OncePerRequestFilter {

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        SecurityHeaders.set(request, response, false);
        chain.doFilter(request, response);
    }
}
