package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

class DocumentationPageTest {
    private final Document page =
            Jsoup.parse(new String(new DocumentationPage().html(), StandardCharsets.UTF_8), "http://localhost/docs");

    @Test
    void itsFilesComeFromThisServer() {
        assertThat(page.select("script, link[href]"))
                .isNotEmpty()
                .extracting(element -> element.hasAttr("src") ? element.attr("src") : element.attr("href"))
                .allSatisfy(path -> assertThat(served(path)).as(path).isTrue());
    }

    @Test
    void itHasNoInlineScript() {
        assertThat(page.select("script"))
                .allSatisfy(script -> assertThat(script.data()).isEmpty());
        assertThat(page.select("*"))
                .flatExtracting(element -> element.attributes().asList())
                .noneMatch(attribute -> attribute.getKey().startsWith("on"));
    }

    /** Where Spring Boot looks for what it serves as static content. */
    private static boolean served(String path) {
        return DocumentationPageTest.class.getResource("/static" + path) != null
                || DocumentationPageTest.class.getResource("/META-INF/resources" + path) != null;
    }
}
