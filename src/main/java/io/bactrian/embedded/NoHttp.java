package io.bactrian.embedded;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.activemq.artemis.core.protocol.ProtocolHandler;

/**
 * Closes connections of the embedded broker that begin as a request of HTTP does.
 *
 * <p>Artemis answers HTTP on every acceptor and has no setting against that: it would open a WebSocket to a page of any origin,
 * through which the page speaks STOMP, and keep bodies of 2 GB in memory before anybody has logged in. Netty loads this class by
 * its name in {@code META-INF/services} where {@link #EXTENSIONS_SYSTEM_PROPERTY} says so.
 */
public final class NoHttp extends ChannelInitializerExtension {
    /** What Artemis takes for HTTP is the first two characters of one of these. */
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "PATCH", "DELETE", "TRACE");

    /** For Netty. */
    public NoHttp() {}

    /** Lets Netty load this class; before its first server. */
    static void enable() {
        System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        channel.pipeline().addFirst(new Installer());
    }

    /** Puts the refusal behind TLS, where there is any, once the pipeline is complete. */
    private static final class Installer extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            ChannelHandlerContext last = context.pipeline().lastContext();
            if (last.handler().getClass().getEnclosingClass() == ProtocolHandler.class) {
                context.pipeline().addBefore(last.name(), null, new Refusal());
            }
            context.fireChannelActive();
            context.pipeline().remove(this);
        }
    }

    /** Looks at the first two bytes. */
    private static final class Refusal extends ChannelInboundHandlerAdapter {
        private final StringBuilder start = new StringBuilder(2);

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for the end of a connection that is refused.
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf bytes) {
                int wanted = Math.min(2 - start.length(), bytes.readableBytes());
                start.append(bytes.toString(bytes.readerIndex(), wanted, StandardCharsets.ISO_8859_1));
                if (start.length() == 2) {
                    if (METHODS.stream().anyMatch(method -> method.startsWith(start.toString()))) {
                        ReferenceCountUtil.release(message);
                        context.close();
                        return;
                    }
                    context.pipeline().remove(this);
                }
            }
            context.fireChannelRead(message);
        }
    }
}
