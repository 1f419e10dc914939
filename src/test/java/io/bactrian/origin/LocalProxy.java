package io.bactrian.origin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.bbottema.javasocksproxyserver.SocksServer;
import org.bbottema.javasocksproxyserver.auth.UsernamePasswordAuthenticator;
import org.jspecify.annotations.Nullable;
import org.littleshoot.proxy.HttpFilters;
import org.littleshoot.proxy.HttpFiltersSourceAdapter;
import org.littleshoot.proxy.HttpProxyServer;
import org.littleshoot.proxy.HttpProxyServerBootstrap;
import org.littleshoot.proxy.ProxyAuthenticator;
import org.littleshoot.proxy.SslEngineSource;
import org.littleshoot.proxy.impl.DefaultHttpProxyServer;
import org.littleshoot.proxy.impl.ThreadPoolConfiguration;

/** A real proxy on a loopback port, as an operator may have one elsewhere; it asks for the user "me" with password "p@ss". */
public final class LocalProxy implements AutoCloseable {
    private static final String CREDENTIALS = "me:p%40ss@";

    private final String scheme;
    private final int port;
    private final List<String> targets;
    private final Runnable stop;
    private final Runnable die;

    private LocalProxy(String scheme, int port, List<String> targets, Runnable stop, Runnable die) {
        this.scheme = scheme;
        this.port = port;
        this.targets = targets;
        this.stop = stop;
        this.die = die;
    }

    public static LocalProxy http() {
        return http(null);
    }

    /** An HTTP proxy whose clients use TLS. */
    public static LocalProxy https(SSLContext tls) {
        return http(tls);
    }

    private static LocalProxy http(@Nullable SSLContext tls) {
        List<String> targets = new CopyOnWriteArrayList<>();
        HttpProxyServerBootstrap bootstrap = DefaultHttpProxyServer.bootstrap()
                .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withThreadPoolConfiguration(new ThreadPoolConfiguration()
                        .withAcceptorThreads(1)
                        .withClientToProxyWorkerThreads(1)
                        .withProxyToServerWorkerThreads(1))
                .withProxyAlias("upstream")
                .withProxyAuthenticator(new Credentials())
                .withFiltersSource(new HttpFiltersSourceAdapter() {
                    @Override
                    public @Nullable HttpFilters filterRequest(
                            HttpRequest request, @Nullable ChannelHandlerContext ctx) {
                        targets.add(request.uri() + " for " + request.headers().get(HttpHeaderNames.HOST));
                        return null;
                    }
                });
        if (tls != null) {
            bootstrap.withSslEngineSource(new Tls(tls)).withAuthenticateSslClients(false);
        }
        HttpProxyServer server = bootstrap.start();
        return new LocalProxy(
                tls == null ? "http" : "https",
                server.getListenAddress().getPort(),
                targets,
                server::abort,
                server::stop);
    }

    public static LocalProxy socks5() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            SocksServer server = new SocksServer(socket.getLocalPort())
                    .setFactory(new Prepared(socket))
                    .setAuthenticator(new UsernamePasswordAuthenticator(false) {
                        @Override
                        public boolean validate(String user, String password) {
                            return user.equals("me") && password.equals("p@ss");
                        }
                    });
            server.start();
            return new LocalProxy("socks5", socket.getLocalPort(), List.of(), server::stop, server::stop);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public int port() {
        return port;
    }

    /** Its URL, with the credentials that it asks for. */
    public String url() {
        return scheme + "://" + CREDENTIALS + "127.0.0.1:" + port;
    }

    /** Its URL with credentials that it does not accept. */
    public String urlWithOtherCredentials() {
        return scheme + "://me:other@127.0.0.1:" + port;
    }

    /** What it was asked for so far, as "target for host"; an HTTP proxy knows that. */
    public List<String> targets() {
        return targets;
    }

    /** Ends with all its connections, as a process does that is killed; returns at once. */
    public void die() {
        // Not as close() does, which may leave connections that were just accepted open for ever.
        Thread.startVirtualThread(die);
    }

    @Override
    public void close() {
        stop.run();
    }

    private static final class Credentials implements ProxyAuthenticator {
        @Override
        public boolean authenticate(String user, String password) {
            return user.equals("me") && password.equals("p@ss");
        }

        @Override
        public String getRealm() {
            return "upstream";
        }
    }

    private record Tls(SSLContext context) implements SslEngineSource {
        @Override
        public SSLEngine newSslEngine() {
            return context.createSSLEngine();
        }

        @Override
        public SSLEngine newSslEngine(String host, int port) {
            return context.createSSLEngine(host, port);
        }
    }

    /** Gives out the one socket that is bound already. */
    private static final class Prepared extends ServerSocketFactory {
        private final ServerSocket socket;

        Prepared(ServerSocket socket) {
            this.socket = socket;
        }

        @Override
        public ServerSocket createServerSocket(int port) {
            return socket;
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) {
            return socket;
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
            return socket;
        }
    }
}
