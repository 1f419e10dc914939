package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.contract.DocumentedResponse;
import io.bactrian.limit.RateLimitClass;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation answers 429 as the documents say once its caller has no calls left. */
class DocumentedRateLimitsTest {
    private static final int CALLS = 3;

    private static LimitedService limited;
    private static Service service;

    @BeforeAll
    static void start() {
        limited = new LimitedService(
                "documented",
                Arrays.stream(RateLimitClass.values())
                        .flatMap(name -> Stream.of("user", "address")
                                .map(who -> "--bactrian.rate-limit.limits.%s.%s=%d".formatted(name.id(), who, CALLS)))
                        .toArray(String[]::new));
        service = limited.service();
    }

    @AfterAll
    static void stop() {
        limited.close();
    }

    static List<DocumentedResponse> refusals() {
        return DocumentedResponse.all().stream()
                .filter(response -> response.status() == 429)
                .filter(response -> !response.name().endsWith(" of mapscraper"))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void oneCallTooManyIsRefusedAsItIsDocumented(DocumentedResponse response) {
        limited.fill();
        String key = service.register().newKey("prod", "*");
        limited.fill();

        Reply reply = call(response, key);
        for (int count = 0; count < CALLS; count++) {
            assertThat(reply.status()).isNotEqualTo(429);
            reply = call(response, key);
        }

        assertThat(response.differences(reply.status(), reply.headers(), reply.body(), Set.of()))
                .as(() -> response.name() + " is answered as documented")
                .isEmpty();
    }

    private static Reply call(DocumentedResponse response, String key) {
        Call call = service.call(response.operation().method(), response.pathOfNothing());
        return (response.operation().open() ? call : call.as(key)).send();
    }
}
