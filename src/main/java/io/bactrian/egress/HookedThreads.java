package io.bactrian.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The threads of another group, with a handler of ours put into each channel before it is registered with them. */
final class HookedThreads extends AbstractEventExecutorGroup implements EventLoopGroup {
    private final EventLoopGroup threads;
    private final Consumer<Channel> hook;

    HookedThreads(EventLoopGroup threads, Consumer<Channel> hook) {
        this.threads = threads;
        this.hook = hook;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        hook.accept(channel);
        return threads.register(channel);
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        hook.accept(promise.channel());
        return threads.register(promise);
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        hook.accept(channel);
        return threads.register(promise);
    }

    @Override
    public EventLoop next() {
        return threads.next();
    }

    @Override
    public Iterator<EventExecutor> iterator() {
        return threads.iterator();
    }

    @Override
    public boolean isShuttingDown() {
        return threads.isShuttingDown();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return threads.shutdownGracefully(quietPeriod, timeout, unit);
    }

    @Override
    public Future<?> terminationFuture() {
        return threads.terminationFuture();
    }

    @Override
    @Deprecated
    public void shutdown() {
        throw new UnsupportedOperationException("The threads belong to the other group.");
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
