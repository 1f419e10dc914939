package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Headers and parameters that would steer Camel, Spring or the broker, were they let in, change nothing. */
@ExtendWith(RunningService.class)
class HostileHeadersTest {
    private static final Map<String, String> HOSTILE = new LinkedHashMap<>();

    static {
        HOSTILE.put("CamelHttpResponseCode", "418");
        HOSTILE.put("CamelHttpUri", "http://10.0.0.1/");
        HOSTILE.put("CamelHttpPath", "/api-keys");
        HOSTILE.put("CamelHttpQuery", "page=0");
        HOSTILE.put("CamelHttpMethod", "DELETE");
        HOSTILE.put("CamelBeanMethodName", "deleteKey");
        HOSTILE.put("cAmElBeAnMeThOdNaMe", "deleteKey");
        HOSTILE.put("CamelJmsDestinationName", "bactrian.dead-letters");
        HOSTILE.put("CamelHttpCharacterEncoding", "UTF-16");
        HOSTILE.put("CamelSplitIndex", "7");
        HOSTILE.put("JMSXGroupID", "one");
        HOSTILE.put("JMSReplyTo", "bactrian.dead-letters");
        HOSTILE.put("_AMQ_SCHED_DELIVERY", "99999999999999");
        HOSTILE.put("_AMQ_DUPL_ID", "one");
        HOSTILE.put("AMQ_SCHEDULED_DELAY", "600000");
        HOSTILE.put("X-HTTP-Method-Override", "DELETE");
        HOSTILE.put("X-Forwarded-Prefix", "/evil");
        HOSTILE.put("X-Original-URL", "/api-keys");
        HOSTILE.put("X-Custom", "reflect me");
        HOSTILE.put("Cookie", "bactrian_session=nonsense");
        HOSTILE.put("breadcrumbId", "one");
        HOSTILE.put("account", "somebody");
    }

    private final Account account;

    HostileHeadersTest(Service service) {
        this.account = service.register();
    }

    @Test
    void asHeadersTheyChangeNothing() {
        assertChangesNothing("");
    }

    @Test
    void asQueryParametersTheyChangeNothing() {
        assertChangesNothing(HOSTILE.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", "")));
    }

    private void assertChangesNothing(String query) {
        try (MisbehavingOrigin site = MisbehavingOrigin.start().on("/ok", Behaviours.page("<h1>Fine</h1>"))) {
            Reply created = send(account.call("POST", "/tasks" + query)
                            .json(TaskRequest.simple(site.url("/ok")).json()))
                    .expect(201);
            String id = created.json().path("id").asText();
            JsonNode ended = account.awaitEnd(id);
            assertThat(ended.path("status").asText()).isEqualTo("completed");
            assertThat(ended.path("config").path("urls").path(0).asText()).isEqualTo(site.url("/ok"));

            assertThat(send(account.call("GET", "/tasks" + query)).expect(200).json())
                    .isEqualTo(account.get("/tasks").json());
            assertThat(send(account.call("GET", "/tasks/" + id + query))
                            .expect(200)
                            .json())
                    .isEqualTo(ended);
            assertThat(send(account.call("GET", "/tasks/" + id + "/download" + query))
                            .expect(200)
                            .json())
                    .hasSize(1);
            assertThat(send(account.call("GET", "/auth/me" + query))
                            .expect(200)
                            .json()
                            .path("user")
                            .path("email")
                            .asText())
                    .isEqualTo(account.email());
            send(account.call("GET", "/nothing" + query)).assertSelextractError(404, "resource_not_found");
            assertThat(send(account.call("DELETE", "/tasks/" + id + query))
                            .expect(200)
                            .json()
                            .path("message")
                            .asText())
                    .isEqualTo("Task deleted successfully");
        }
    }

    private static Reply send(Call call) {
        HOSTILE.forEach(call::header);
        Reply reply = call.send();
        HOSTILE.keySet().forEach(name -> assertThat(reply.header(name)).as(name).isNull());
        return reply;
    }
}
