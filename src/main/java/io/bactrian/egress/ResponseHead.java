package io.bactrian.egress;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/** The status line and the header fields of an answer. */
public final class ResponseHead {
    private final int status;
    private final String reasonPhrase;
    private final Header[] headers;

    ResponseHead(HttpResponse response) {
        this.status = response.getCode();
        this.reasonPhrase = response.getReasonPhrase() == null ? "" : response.getReasonPhrase();
        this.headers = response.getHeaders();
    }

    /**
     * An answer that did not come through this room's clients.
     *
     * @param headers name and value of each field, in their order
     */
    public ResponseHead(int status, String reasonPhrase, List<Map.Entry<String, String>> headers) {
        this.status = status;
        this.reasonPhrase = reasonPhrase;
        this.headers = headers.stream()
                .map(field -> new BasicHeader(field.getKey(), field.getValue()))
                .toArray(Header[]::new);
    }

    public int status() {
        return status;
    }

    /** The reason phrase as it was sent, empty where there was none. */
    public String reasonPhrase() {
        return reasonPhrase;
    }

    /** The first value of a header field, or null; names are compared without case. */
    public @Nullable String header(String name) {
        for (Header header : headers) {
            if (header.getName().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /** All values of a header field in their order; names are compared without case. */
    public List<String> headers(String name) {
        List<String> values = new ArrayList<>();
        for (Header header : headers) {
            if (header.getName().equalsIgnoreCase(name) && header.getValue() != null) {
                values.add(header.getValue());
            }
        }
        return values;
    }
}
