package io.bactrian.scrape.select;

import static io.bactrian.scrape.select.Extracting.html;
import static io.bactrian.scrape.select.Extracting.jsonPage;
import static io.bactrian.scrape.select.Extracting.plan;
import static io.bactrian.scrape.select.Extracting.textPlan;
import static io.bactrian.scrape.select.Extracting.x;
import static io.bactrian.scrape.select.Extracting.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jsoup.helper.Regex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HostilePagesTest {
    private static final List<String> EVERY_KIND = List.of(
            "'h1'",
            "{'selector':'*','all':true,'html':true}",
            "{'selector':'div div:not(.x) ~ b','all':true}",
            "{'selector':'xpath://*[text()]','all':true}",
            "{'selector':'xpath:string(/)'}",
            "{'selector':'a+b','type':'regex','all':true}",
            "{'selector':'$..a','type':'jsonld','all':true}",
            "{'selector':'description','type':'meta'}");

    @Test
    void regularExpressionsInCssAreLinear() {
        assertThat(Regex.usingRe2j()).isTrue();
        assertThat(x(textPlan("p:matches((a+)+$)"), html("<p>" + "a".repeat(50_000) + "b</p>")))
                .isEqualTo("null");
        assertThat(x(textPlan("p[title~=(a+)+$]"), html("<p title=" + "a".repeat(50_000) + "b>")))
                .isEqualTo("null");
    }

    @Test
    void regularExpressionsAreLinear() {
        assertThat(x(plan("{'selector':'(a+)+$','type':'regex'}"), html("a".repeat(100_000) + "b")))
                .isEqualTo("null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'selector':'a.*z|a','type':'regex','all':true}",
                "{'selector':'xpath:count(//i[count(//i) > count(preceding::i)])'}",
                "{'selector':'xpath://i//preceding::i//following::i','all':true}",
                "{'selector':'xpath://i[. = //b]','all':true}",
                "{'selector':'nomatch ~ i','all':true}",
                "{'selector':'i:nth-last-of-type(3)','all':true}",
                "{'selector':'x ~ i ~ b','all':true}",
                "{'selector':'div:has(x ~ i)','all':true}",
            })
    void quadraticWorkEndsWithAClearMessage(String selector) {
        PageSource page = html("<div>" + "<i>a</i>".repeat(120_000) + "<b>c</b></div>");
        SelectorPlan plan = plan(selector);

        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> plan.extract(page, new Budget(20_000_000, Duration.ofMillis(500))))
                .withMessageStartingWith("Selector 'x': ")
                .withMessageMatching(".*(too long|too costly).*");
    }

    @Test
    void recursiveJsonPathsEndWithAClearMessage() {
        PageSource page = jsonPage("[".repeat(400) + "{\"a\":1},".repeat(20_000) + "1" + "]".repeat(400));
        SelectorPlan plan = plan("{'selector':'$..*..*','type':'jsonpath','all':true}");

        assertThatExceptionOfType(ExtractionException.class).isThrownBy(() -> plan.extract(page));
    }

    @Test
    void manyValuesAreRefused() {
        PageSource page = html("<i>".repeat(3) + "<b></b>".repeat(100_001));

        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> plan("{'selector':'b','all':true}").extract(page))
                .withMessage("Selector 'x': the page has more than 100000 values for it.");
        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(
                        () -> plan("{'selector':'b','type':'regex','all':true}").extract(page))
                .withMessageContaining("more than 100000 values");
    }

    @Test
    void largeOutputIsRefused() {
        PageSource page = html("<b>" + "word ".repeat(1_000_000) + "</b>");

        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> textPlan("b").extract(page))
                .withMessageContaining("more than 4 MB");
    }

    @Test
    void deepMarkupIsRead() {
        for (String deep :
                List.of("<div>", "<b>", "<table>", "<p><b>", "<svg>", "<select>", "<noscript>", "<template>")) {
            PageSource page = html("<h1>t</h1>" + deep.repeat(50_000) + "x<h1>deep</h1>");

            assertThat(x(textPlan("h1"), page)).isEqualTo("\"t\"");
            readEverything(deep.repeat(3_000) + "x");
        }
        assertThat(x(textPlan("r"), xml("<r>a" + "<d>".repeat(50_000) + "b" + "</d>".repeat(50_000) + "</r>")))
                .isEqualTo("\"ab\"");
    }

    @Test
    void deepJsonIsRefused() {
        PageSource page = jsonPage("[".repeat(50_000) + "]".repeat(50_000));

        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> plan("{'selector':'$','type':'jsonpath'}").extract(page))
                .withMessage("Selector 'x': the page's JSON is nested too deeply or has values too large to read.");
        assertThat(x(
                        plan("{'selector':'$[0]','type':'jsonld'}"),
                        html("<script type='application/ld+json'>" + "[".repeat(50_000) + "</script>")))
                .isEqualTo("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "<html>", "{} {}", "nul"})
    void whatIsNotJsonIsRefused(String body) {
        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> plan("{'selector':'$.a','type':'jsonpath'}").extract(jsonPage(body)))
                .withMessageContaining("JSON");
    }

    @Test
    void brokenMarkupIsRead() {
        for (String broken : List.of(
                "",
                "\0\0<\0h1>\0x",
                "<",
                "<!",
                "<a href='",
                "<a <b <c",
                "</html></p></",
                "<!--",
                "<![CDATA[",
                "<script>",
                "<script type=application/ld+json>{\"a\":\"\0\"}",
                "<base href='javascript:x'><base href=':'><a href=':'>x</a>",
                "&#xD800;&#0;&#x110000;<h1>&#xD800;",
                "<meta name=description content>",
                "<frameset><frame></frameset>",
                "<plaintext><b>")) {
            readEverything(broken);
        }
    }

    @Test
    void randomMarkupIsRead() {
        String alphabet = "<>/='\"!-[]&;#x0 abh1?\0\n\u00e9\ud83d";
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            StringBuilder source = new StringBuilder();
            for (int j = 0; j < 400; j++) {
                source.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            readEverything(source.toString());
        }
    }

    private static void readEverything(String source) {
        byte[] body = source.getBytes(StandardCharsets.UTF_8);
        for (String selector : EVERY_KIND) {
            SelectorPlan plan = plan(selector);
            read(plan, PageSource.html(body, null, "https://a.example/"));
            read(plan, PageSource.xml(body, null, ""));
        }
    }

    private static void read(SelectorPlan plan, PageSource page) {
        try {
            assertThat(plan.extract(page)).isNotEmpty();
        } catch (ExtractionException tooMuch) {
            assertThat(tooMuch).hasMessageContaining("4 MB");
        }
    }
}
