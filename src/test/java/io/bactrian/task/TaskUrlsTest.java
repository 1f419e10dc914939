package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskUrlsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://:80/",
                "http://",
                "http:///x",
                "http://@/",
                "http://user@/",
                "http://user@:80/",
                "http://?query",
                "http://#fragment",
                "http://a b/",
                "http://[::1",
                "http://[]/",
                "http://[::1]x/",
                "http://example.com:99999/",
                "http://example.com:0/",
                "http://example.com:100000000000/",
                "http://example.com:port/",
                "http://example.com:-1/",
                "http://example.com:80:80/",
                "http:example.com",
                "//example.com/",
                "ftp://example.com/",
                "example.com",
                "http://exam\0ple.com/"
            })
    void aTextThatIsNoUrlIsRefusedWithItsPlace(String url) {
        assertThatThrownBy(() -> TaskConfiguration.urls(config("http://example.com/", url)))
                .asInstanceOf(type(InvalidInputException.class))
                .extracting(InvalidInputException::violations)
                .satisfies(violations ->
                        assertThat(violations).singleElement().satisfies(violation -> named(violation, url)));
    }

    private static void named(Violation violation, String url) {
        assertThat(violation.field()).isEqualTo("config.urls[1]");
        assertThat(violation.message()).contains("'" + url.replace("\0", "\ufffd") + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com",
                "HTTPS://EXAMPLE.com:443/",
                "http://example.com:/",
                "http://b\u00fccher.example/stra\u00dfe?q=\u00e4",
                "http://example.com/a b|c{d}?e=[f]",
                "http://[2001:db8::1]:8080/",
                // Whoever may not be asked becomes a row.
                "http://10.0.0.1/",
                "http://[::1]/",
                "http://user:password@example.com/",
                "http://0x7f.1/",
                "http://a_b.example/",
            })
    void aUrlIsTakenWhetherOrNotItMayBeAsked(String url) {
        assertThat(TaskConfiguration.urls(config(url))).isEqualTo(List.of(url));
    }

    private static ObjectNode config(String... urls) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        List.of(urls).forEach(config.putArray("urls")::add);
        return config;
    }
}
