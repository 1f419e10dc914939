package io.bactrian.egress;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;

/** A request that another thread may abort in any phase: waiting for a connection, connecting, sending or reading. */
final class AbortableRequest extends BasicClassicHttpRequest implements CancellableDependency {
    private static final long serialVersionUID = 1L;
    private static final Cancellable CANCELLED = () -> false;

    private final transient AtomicReference<Cancellable> dependency = new AtomicReference<>();

    AbortableRequest(String method, HttpUrl url) {
        super(
                method,
                url.scheme(),
                new URIAuthority(url.host(), url.hasDefaultPort() ? -1 : url.port()),
                url.pathAndQuery());
    }

    @Override
    public void setDependency(Cancellable current) {
        Cancellable previous = dependency.getAndUpdate(known -> CANCELLED.equals(known) ? known : current);
        if (CANCELLED.equals(previous)) {
            current.cancel();
        }
    }

    @Override
    public boolean isCancelled() {
        return CANCELLED.equals(dependency.get());
    }

    @Override
    public boolean cancel() {
        Cancellable current = dependency.getAndSet(CANCELLED);
        if (CANCELLED.equals(current)) {
            return false;
        }
        if (current != null) {
            current.cancel();
        }
        return true;
    }
}
