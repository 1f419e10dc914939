package io.bactrian.scrape.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypeTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, HTML, -",
                "'', HTML, -",
                "text/html, HTML, -",
                "text/html; charset=utf-8, HTML, UTF-8",
                "'TEXT/HTML ; Charset=\"ISO-8859-1\"', HTML, ISO-8859-1",
                "text/html;charset=no-such-thing, HTML, -",
                "text/html;charset=, HTML, -",
                "'text/html; charset=;;; x=y', HTML, -",
                "application/xhtml+xml, HTML, -",
                "text/xml, XML, -",
                "application/xml; charset=utf-16, XML, UTF-16",
                "application/rss+xml, XML, -",
                "image/svg+xml, OTHER, -",
                "application/json, JSON, -",
                "application/ld+json;charset=utf-8, JSON, UTF-8",
                "text/plain, OTHER, -",
                "application/pdf, OTHER, -",
                "image/png, OTHER, -",
                "nonsense, OTHER, -"
            })
    void theKindAndTheCharsetComeFromTheHeader(@Nullable String header, MediaType.Kind kind, @Nullable String charset) {
        MediaType type = MediaType.of(header);

        assertThat(type.kind()).isEqualTo(kind);
        assertThat(type.charset()).isEqualTo(charset == null ? null : Charset.forName(charset));
    }
}
