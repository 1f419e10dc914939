package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/** Sign-in by an OpenID provider on a service that has none, and on one whose provider cannot be reached. */
class GoogleSignInSettingsTest {
    private static final String CLIENT = "SPRING_SECURITY_OAUTH2_CLIENT_";

    @Test
    void theServiceStartsWithoutAProviderAndWithOneThatCannotBeReached() {
        try (ServiceProcess service = new ServiceProcess("google-sign-in");
                ServiceClient client = new ServiceClient(service.address())) {
            ObjectNode code = new ObjectMapper().createObjectNode().put("code", "x");
            service.start();
            assertThat(client.statusOfGet("/auth/google", "")).isEqualTo(503);
            JsonNode unconfigured = client.post("/auth/google", "", code, 503);
            assertThat(unconfigured.path("error").asText()).isEqualTo("oauth_not_configured");
            assertThat(service.alarms()).isEmpty();
            service.terminate();

            service.with(CLIENT + "REGISTRATION_GOOGLE_CLIENT_ID", "client")
                    .with(CLIENT + "REGISTRATION_GOOGLE_CLIENT_SECRET", "secret")
                    .with(CLIENT + "PROVIDER_GOOGLE_ISSUER_URI", "http://127.0.0.1:1/nobody")
                    .start();
            assertThat(client.statusOfGet("/auth/google", "")).isEqualTo(502);
            JsonNode unreachable = client.post("/auth/google", "", code, 502);
            assertThat(unreachable.path("error").asText()).isEqualTo("oauth_provider_error");
            assertThat(service.output()).doesNotContain("secret");
        }
    }
}
