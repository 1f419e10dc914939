package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookHttpClientTest {
    private final EgressProperties properties = EgressProperties.allowing("127.0.0.0/8");
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), properties.ports()), properties.resolveTimeout());
    private final EgressClient egress = new EgressClient(guard, properties);
    private final HttpClient client = new WebhookHttpClient(egress, Duration.ofSeconds(1));
    private final MisbehavingOrigin receiver = MisbehavingOrigin.start();

    @AfterEach
    void close() throws IOException {
        receiver.close();
        egress.close();
        guard.close();
    }

    @Test
    void aBodyIsSentAsItIsReadAndTheAnswerIsShort() throws Exception {
        receiver.on("/take", Behaviours.answer("200 OK", new byte[5000], "Retry-After: 7", "Set-Cookie: a=b"));

        ClassicHttpResponse answer = post(receiver.url("/take?a[]=%2F"));

        assertThat(answer.getCode()).isEqualTo(200);
        assertThat(EntityUtils.toByteArray(answer.getEntity())).hasSize(WebhookHttpClient.EXCERPT);
        assertThat(answer.getHeaders()).extracting(Object::toString).containsExactly("Retry-After: 7");
        MisbehavingOrigin.Request request = receiver.requests().getFirst();
        assertThat(request.target()).isEqualTo("/take?a[]=%2F");
        assertThat(request.body()).isEqualTo("body");
        assertThat(request.headers()).containsOnlyKeys("Host", "Connection", "Content-Length", "Content-Type", "X-Own");
    }

    @Test
    void whatIsLongerThanItsExcerptIsNotWaitedFor() throws Exception {
        receiver.on("/endless", Behaviours.endlessBody());

        assertThat(EntityUtils.toByteArray(post(receiver.url("/endless")).getEntity()))
                .hasSize(WebhookHttpClient.EXCERPT);
    }

    @Test
    void aReceiverHasOneTimeForEverything() {
        receiver.on("/silence", Behaviours.silence()).on("/drip", Behaviours.slowDrip());

        for (String path : new String[] {"/silence", "/drip"}) {
            assertThatThrownBy(() -> post(receiver.url(path)))
                    .isInstanceOfSatisfying(
                            EgressFailedException.class,
                            failure -> assertThat(failure.reason()).isEqualTo(EgressFailedException.Reason.TIMEOUT));
        }
    }

    @Test
    void aRedirectIsAnAnswer() throws Exception {
        receiver.on("/moved", Behaviours.redirect(302, receiver.url("/take")));

        assertThat(post(receiver.url("/moved")).getCode()).isEqualTo(302);
        assertThat(receiver.requests()).hasSize(1);
    }

    @Test
    void theGuardSeesEveryUrl() {
        for (String url : new String[] {"http://10.0.0.1/", "http://[::1]:80/", "http://169.254.169.254/"}) {
            assertThatThrownBy(() -> post(url)).isInstanceOf(EgressRefusedException.class);
        }
    }

    @Test
    void nothingButAPostWithABodyIsSent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.executeOpen(null, new HttpGet(receiver.url("/")), null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.executeOpen(null, new HttpPost(receiver.url("/")), null));
    }

    private ClassicHttpResponse post(String url) throws IOException {
        HttpPost request = new HttpPost(url);
        request.addHeader("X-Own", "own");
        request.setEntity(new InputStreamEntity(
                new ByteArrayInputStream(Behaviours.utf8("body")), 4, ContentType.create("text/csv")));
        return client.executeOpen(null, request, null);
    }
}
