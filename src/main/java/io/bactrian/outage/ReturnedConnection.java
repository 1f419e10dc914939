package io.bactrian.outage;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A connection that tells, once, when it goes back to its pool. */
final class ReturnedConnection implements InvocationHandler {
    private final Connection connection;
    private final Runnable returned;
    private final AtomicBoolean closed = new AtomicBoolean();

    ReturnedConnection(Connection connection, Runnable returned) {
        this.connection = connection;
        this.returned = returned;
    }

    Connection proxy() {
        return (Connection)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException failed) {
            throw failed.getTargetException();
        } finally {
            if (method.getName().equals("close") && closed.compareAndSet(false, true)) {
                returned.run();
            }
        }
    }
}
