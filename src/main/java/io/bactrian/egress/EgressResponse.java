package io.bactrian.egress;

/** An answer whose body has been read and decoded, as far as it was wanted. */
public final class EgressResponse {
    private final ResponseHead head;
    private final Body body;

    EgressResponse(ResponseHead head, Body body) {
        this.head = head;
        this.body = body;
    }

    public ResponseHead head() {
        return head;
    }

    public int status() {
        return head.status();
    }

    /** The decoded body, not a copy: whoever asked for it owns it. Empty where it was not wanted. */
    public byte[] body() {
        return body.bytes();
    }

    /** Whether the body was longer than the limit, so that {@link #body()} is only its beginning. */
    public boolean isTruncated() {
        return body.truncated();
    }
}
