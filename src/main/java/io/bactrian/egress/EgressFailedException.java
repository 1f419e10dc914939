package io.bactrian.egress;

import io.bactrian.BactrianException;

/** An exchange that was allowed but brought no complete answer. */
public final class EgressFailedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** What stood in the way of the answer. */
    public enum Reason {
        /** The host name does not resolve. */
        DNS_FAILURE,
        /** Nothing listens at the address and port, or no way leads there. */
        CONNECTION_REFUSED,
        /** The connection ended before the whole answer had arrived. */
        CONNECTION_RESET,
        /** The deadline passed, or the connection was not made in time. */
        TIMEOUT,
        /** The TLS handshake or the certificate failed. */
        TLS_ERROR,
        /** The status line or the header fields are larger than the limits. */
        HEAD_TOO_LARGE,
        /** What came is not HTTP. */
        MALFORMED_ANSWER,
        /** The body cannot be decoded as its {@code Content-Encoding} says. */
        UNDECODABLE_BODY,
        /** The proxy that the connection was to leave through could not be used. */
        PROXY_UNAVAILABLE
    }

    private final Reason reason;

    public EgressFailedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public EgressFailedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
