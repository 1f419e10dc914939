package io.bactrian.egress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request to the forwarding proxy is for (RFC 9112 section 3.2): an authority of {@code CONNECT} or an absolute http
 * URL.
 *
 * @param url the URL of a request that is no {@code CONNECT}
 */
record RequestTarget(ProxyTarget target, @Nullable HttpUrl url) {
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final int LARGEST_PORT = 65_535;

    /**
     * The target of a request, or null for a request that is none to a proxy.
     *
     * @throws EgressRefusedException if its spelling is not acceptable
     */
    static @Nullable RequestTarget of(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return null;
        }
        String uri = request.uri();
        if (HttpMethod.CONNECT.equals(request.method())) {
            int port = port(uri);
            return port < 0
                    ? null
                    : new RequestTarget(
                            new ProxyTarget(EgressGuard.canonical(uri.substring(0, uri.lastIndexOf(':'))), port), null);
        }
        String start =
                uri.substring(0, Math.min(uri.length(), "http://".length())).toLowerCase(Locale.ROOT);
        if (start.startsWith("ws://")) {
            uri = "http" + uri.substring("ws".length());
        } else if (!start.equals("http://")) {
            return null;
        }
        HttpUrl url = HttpUrl.parse(uri);
        return new RequestTarget(new ProxyTarget(url.host(), url.port()), url);
    }

    /** What a target that is refused for its spelling is remembered by. */
    static ProxyTarget spelled(HttpRequest request) {
        String uri = request.uri();
        int start = uri.indexOf("://") + 1;
        String authority = start == 0 ? uri : uri.substring(start + 2).split("[/?#]", 2)[0];
        int port = port(authority);
        String host = port < 0 ? authority : authority.substring(0, authority.lastIndexOf(':'));
        return ProxyTarget.of(Excerpt.of(host), port < 0 ? 80 : port);
    }

    private static int port(String authority) {
        String digits = authority.substring(authority.lastIndexOf(':') + 1);
        if (digits.length() == authority.length() || !PORT.matcher(digits).matches()) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port < 1 || port > LARGEST_PORT ? -1 : port;
    }

    boolean isTunnel() {
        return url == null;
    }

    /** Makes the request say what was checked, and takes from it what was meant for a proxy alone. */
    void rewrite(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (url == null) {
            request.setUri(target.toString());
        } else {
            request.setUri(url.toString());
            // RFC 9112 section 3.2.2: the target decides, whatever the client put there.
            headers.set(HttpHeaderNames.HOST, url.origin().substring("http://".length()));
        }
        headers.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
        headers.remove("Proxy-Connection");
    }
}
