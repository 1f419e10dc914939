package io.bactrian.account.openid;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lets the OpenID library send through room egress. */
record ProviderTransport(OperatorClient client) implements HTTPRequestSender, ResourceRetriever {
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String JSON = "application/json";

    @Override
    public ReadOnlyHTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", JSON);
        request.getHeaderMap().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        String url = request.getURI().toString();
        EgressResponse answer;
        try {
            answer = request.getMethod() == HTTPRequest.Method.POST
                    ? client.post(
                            url, headers, String.valueOf(request.getBody()).getBytes(StandardCharsets.UTF_8))
                    : client.get(url, headers);
        } catch (EgressFailedException | EgressRefusedException failure) {
            throw new IOException(failure.getMessage(), failure);
        }
        HTTPResponse response = new HTTPResponse(answer.status());
        String contentType = answer.head().header(CONTENT_TYPE);
        if (contentType != null) {
            response.setHeader(CONTENT_TYPE, contentType);
        }
        response.setBody(new String(answer.body(), StandardCharsets.UTF_8));
        return response;
    }

    /** Reads a JSON document. */
    @Override
    public Resource retrieveResource(URL url) throws IOException {
        EgressResponse answer;
        try {
            answer = client.get(url.toString(), Map.of("Accept", JSON));
        } catch (EgressFailedException | EgressRefusedException failure) {
            throw new IOException(failure.getMessage(), failure);
        }
        if (answer.status() != 200) {
            throw new IOException("%s answered %d.".formatted(url, answer.status()));
        }
        return new Resource(
                new String(answer.body(), StandardCharsets.UTF_8), answer.head().header(CONTENT_TYPE));
    }
}
