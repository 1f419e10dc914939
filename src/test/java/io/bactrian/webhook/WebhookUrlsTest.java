package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.bactrian.InvalidInputException;
import io.bactrian.event.EventType;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookUrlsTest {
    private static final String RECEIVER = "https://127.0.0.1/";
    private static final EventRoom ROOM = new EventRoom();

    private final WebhookUrls urls = ROOM.get(WebhookUrls.class);
    private final UUID account = ROOM.account();

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @Test
    void givesTheFormInWhichTheReceiverIsAsked() {
        assertThat(urls.check("url", "HTTPS://127.0.0.1:443/a/../\u00e4?\u00fc#fragment"))
                .isEqualTo("https://127.0.0.1/%C3%A4?%C3%BC");
    }

    @Test
    void takesAsManyBytesAsServersDo() {
        String longest = RECEIVER + "x".repeat(WebhookUrls.MOST_BYTES - RECEIVER.length());

        assertThat(urls.check("url", longest)).isEqualTo(longest);
        assertThatThrownBy(() -> urls.check("url", longest + "x")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> urls.check("config.webhook_url", RECEIVER + random(0x4e00, 0x9000, 2_000)))
                .asInstanceOf(type(InvalidInputException.class))
                .extracting(InvalidInputException::violations)
                .satisfies(violations -> assertThat(violations).singleElement().satisfies(violation -> {
                    assertThat(violation.field()).isEqualTo("config.webhook_url");
                    assertThat(violation.message()).contains("config.webhook_url", "8000 bytes");
                }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/",
                "https://10.0.0.1/",
                "https://:80/",
                "https://user@example.com/",
                "https://x y/",
                "nonsense"
            })
    void theRefusalNamesTheField(String url) {
        assertThatThrownBy(() -> urls.check("url", url))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("url ");
    }

    /** Long URLs of random characters, for an index compresses others. */
    @Test
    void anEventReachesItsOwnUrlAndTheRegisteredEndpointsHoweverLongTheUrlIs() {
        ROOM.endpoint(account, EventType.TASK_COMPLETED);
        String ascii = RECEIVER + random('a', 'z', WebhookUrls.MOST_BYTES - RECEIVER.length());
        // As tasks of earlier versions have it.
        String raw = RECEIVER + random(0x4e00, 0x9000, 2_000);

        for (String url : List.of(ascii, raw)) {
            String first = ROOM.happens(account, EventType.TASK_COMPLETED, url);
            String second = ROOM.happens(account, EventType.TASK_COMPLETED, url);
            assertThat(receivers(first)).containsExactlyInAnyOrder("https://127.0.0.1/hook", url);
            assertThat(receivers(second)).containsExactlyInAnyOrder("https://127.0.0.1/hook", url);
        }
        assertThat(ROOM.jdbc()
                        .sql("SELECT count(*) FROM webhook_endpoint WHERE account_id = ? AND NOT registered")
                        .param(account)
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    private static List<String> receivers(String event) {
        return ROOM.jdbc().sql("""
                        SELECT e.url FROM event_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id
                         WHERE d.event_id = ?""").param(event).query(String.class).list();
    }

    private static String random(int first, int last, int length) {
        return new Random(1)
                .ints(length, first, last)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
