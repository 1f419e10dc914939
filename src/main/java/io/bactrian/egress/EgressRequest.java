package io.bactrian.egress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/** One request, to be sent as it is: no redirect is followed for it, no cookie or credential added. */
public final class EgressRequest {
    final String method;
    final HttpUrl url;
    final List<Header> headers;
    final @Nullable HttpEntity body;
    final Deadline deadline;
    final @Nullable ToIntFunction<ResponseHead> bodyLimit;
    final BodyMemory bodyMemory;
    final @Nullable UpstreamProxy upstream;

    private EgressRequest(Builder builder) {
        this.method = builder.method;
        this.url = builder.url;
        this.headers = builder.headers;
        this.body = builder.body;
        this.deadline = builder.deadline;
        this.bodyLimit = builder.bodyLimit;
        this.bodyMemory = builder.bodyMemory;
        this.upstream = builder.upstream;
    }

    /** A request for the resource itself. */
    public static Builder get(HttpUrl url) {
        return new Builder("GET", url, null);
    }

    /**
     * A request that carries a body.
     *
     * @param body what is sent, with the {@code Content-Type} that a header gives
     */
    public static Builder post(HttpUrl url, byte[] body) {
        return post(url, new ByteArrayEntity(body, null));
    }

    /** A request of any method, with a body or none. */
    static Builder of(String method, HttpUrl url, byte @Nullable [] body) {
        return new Builder(method, url, body == null ? null : new ByteArrayEntity(body, null));
    }

    /** A request with a body that may be larger than memory; it is read while it is sent. */
    static Builder post(HttpUrl url, HttpEntity body) {
        return new Builder("POST", url, body);
    }

    /** Collects the parts of an {@link EgressRequest}. */
    public static final class Builder {
        private final String method;
        private final HttpUrl url;
        private final @Nullable HttpEntity body;
        private final List<Header> headers = new ArrayList<>();
        private Deadline deadline = Deadline.in(Duration.ofSeconds(30));
        private @Nullable ToIntFunction<ResponseHead> bodyLimit;
        private BodyMemory bodyMemory = BodyMemory.UNCOUNTED;
        private @Nullable UpstreamProxy upstream;

        private Builder(String method, HttpUrl url, @Nullable HttpEntity body) {
            this.method = method;
            this.url = url;
            this.body = body;
        }

        /** Adds a header field; {@code Host}, {@code Content-Length} and the like are the client's own business. */
        public Builder header(String name, String value) {
            headers.add(new BasicHeader(name, value));
            return this;
        }

        public Builder headers(Map<String, String> more) {
            more.forEach(this::header);
            return this;
        }

        /** When the exchange is given up, whatever it is doing; 30 seconds from now unless set. */
        public Builder deadline(Deadline when) {
            this.deadline = when;
            return this;
        }

        public Builder timeout(Duration timeout) {
            return deadline(Deadline.in(timeout));
        }

        /**
         * How many bytes of the decoded body are wanted, decided when the head is known; 0 for none. Unless set, the limit is
         * {@code bactrian.egress.max-body-size}.
         */
        public Builder bodyLimit(ToIntFunction<ResponseHead> limit) {
            this.bodyLimit = limit;
            return this;
        }

        /** What is asked for the memory of a large body; nothing is, unless set. */
        public Builder bodyMemory(BodyMemory memory) {
            this.bodyMemory = memory;
            return this;
        }

        /** The proxy that the request leaves through; null, as it is unless set, for none. */
        public Builder via(@Nullable UpstreamProxy proxy) {
            this.upstream = proxy;
            return this;
        }

        public EgressRequest build() {
            return new EgressRequest(this);
        }
    }
}
