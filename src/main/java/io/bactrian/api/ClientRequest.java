package io.bactrian.api;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.WebUtils;

/**
 * A client's request as everything behind the first filter sees it: with its headers, but with no body, no media type and
 * no parameters.
 *
 * <p>Servers and frameworks read bodies on their own account, each with its own rules for forms, sizes and errors. Here the
 * body is read by one who asks for it, once, up to a limit.
 */
final class ClientRequest extends HttpServletRequestWrapper {
    private final HttpServletRequest request;

    ClientRequest(HttpServletRequest request) {
        super(request);
        this.request = request;
    }

    /** The client's request behind whatever has been wrapped around it. */
    static ClientRequest of(ServletRequest request) {
        ClientRequest client = WebUtils.getNativeRequest(request, ClientRequest.class);
        if (client == null) {
            throw new IllegalStateException("The request did not come through EveryRequestFilter.");
        }
        return client;
    }

    /** The body as it comes, once. */
    InputStream bodyStream() throws IOException {
        return request.getInputStream();
    }

    @Override
    public @Nullable String getContentType() {
        return null;
    }

    @Override
    public int getContentLength() {
        return 0;
    }

    @Override
    public long getContentLengthLong() {
        return 0;
    }

    @Override
    public @Nullable String getParameter(String name) {
        return null;
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        return Map.of();
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.emptyEnumeration();
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        return null;
    }

    @Override
    public BufferedReader getReader() {
        return new BufferedReader(Reader.nullReader());
    }

    @Override
    public ServletInputStream getInputStream() {
        return new ServletInputStream() {
            @Override
            public int read() {
                return -1;
            }

            @Override
            public boolean isFinished() {
                return true;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
                throw new IllegalStateException("This stream is empty and is not read asynchronously.");
            }
        };
    }
}
