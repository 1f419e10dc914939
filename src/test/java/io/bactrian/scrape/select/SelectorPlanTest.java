package io.bactrian.scrape.select;

import static io.bactrian.scrape.select.Extracting.html;
import static io.bactrian.scrape.select.Extracting.json;
import static io.bactrian.scrape.select.Extracting.jsonPage;
import static io.bactrian.scrape.select.Extracting.plan;
import static io.bactrian.scrape.select.Extracting.textPlan;
import static io.bactrian.scrape.select.Extracting.x;
import static io.bactrian.scrape.select.Extracting.xml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorPlanTest {
    private static final String SHOP = """
            <!doctype html><html lang=en><head><title>Shop</title>
            <meta name="Description" content="All  things"><meta property="og:title" content="OG">
            <meta name="keywords"><meta name="author" content="A"><meta name="author" content="B">
            <script type="application/ld+json">{"@type":"Product","name":"Lamp","offers":{"price":12.50,"tags":["a","b"]}}</script>
            <script type="application/ld+json">[{"@type":"Org","name":"O"},{"@type":"Product","name":"Desk"}]</script>
            <script type="application/ld+json">{broken</script>
            <script>var sku = "S-17"; var sku2 = "S-18";</script>
            </head><body><h1>  Big
              <b>sale</b> </h1><p class=empty></p>
            <div class="item first" data-id="1"><a class=more href="../a?x=1">Lamp</a><span class=price>£1,234.50</span><i>new</i><i>hot</i></div>
            <div class="item" data-id="2"><a class=more href="/b">Desk &amp; co</a><span class=price>none</span></div>
            <div class="item"><a>No link</a></div>
            <table><tr><td>1</td><td>2</td></tr></table>
            <div class=outer><div class=inner>in</div></div>
            </body></html>
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "h1                                    | \"Big sale\"",
                "h2                                    | null",
                "p.empty                               | \"\"",
                "a.more@href                           | \"../a?x=1\"",
                "a.more @href                          | \"../a?x=1\"",
                "html@lang                             | \"en\"",
                "h1@href                               | null",
                "div[data-id='2'] a@href               | \"/b\"",
                "div:has(a[href='/b'])@data-id         | \"2\"",
                "a[href*=@]                            | null",
                "a:contains(x@href)                    | null",
                "xpath://h1                            | \"Big sale\"",
                "xpath: //H1                           | \"Big sale\"",
                "xpath://a/@href                       | \"../a?x=1\"",
                "xpath://A[2]/@HREF                    | null",
                "xpath:(//a)[2]/@href                  | \"/b\"",
                "xpath:count(//a)                      | 3",
                "xpath:count(//a) div 2                | 1.5",
                "xpath:1 div 0                         | null",
                "xpath:string(//h2)                    | \"\"",
                "xpath:boolean(//a)                    | true",
                "xpath://h1/text()                     | \"Big\"",
                "xpath://nothing                       | null",
                "xpath://div[contains(@class,'item')][last()]/a | \"No link\"",
                "xpath://td[position()=2]              | \"2\"",
                "xpath://b/ancestor::h1                | \"Big sale\"",
                "xpath:upper-case(//b)                 | \"SALE\"",
                "xpath://i[2]/preceding-sibling::i     | \"new\"",
                "xpath://i[1]/following-sibling::i     | \"hot\"",
                "xpath:id('nothing') | null",
                "xpath://script[contains(., 'sku')]/text() | `\"var sku = \\\"S-17\\\"; var sku2 = \\\"S-18\\\";\"`",
            })
    void textFormsYieldTextsAndAttributes(String selector, String value) {
        assertThat(x(textPlan(selector), html(SHOP))).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'selector':'h1'}                                              | \"Big sale\"",
                "{'selector':'h1','html':true}                                  | `\"  Big\\n  <b>sale</b> \"`",
                "{'selector':'i','all':true}                                    | [\"new\",\"hot\"]",
                "{'selector':'u','all':true}                                    | []",
                "{'selector':'u','all':true,'default':['none']}                 | [\"none\"]",
                "{'selector':'u','default':7}                                   | 7",
                "{'selector':'u','default':null}                                | null",
                "{'selector':'h1','default':7}                                  | \"Big sale\"",
                "{'selector':'a','attribute':'href','all':true}                 | [\"../a?x=1\",\"/b\"]",
                "{'selector':'a@href','transform':['absolute_url']}             | \"https://shop.example/a?x=1\"",
                "{'selector':'.price','all':true,'transform':['number']}        | [1234.50,null]",
                "{'selector':'.first .price','transform':['number']}            | 1234.50",
                "{'selector':'h1','transform':['uppercase','trim']}             | \"BIG SALE\"",
                "{'selector':'h1','html':true,'transform':['strip_tags','lowercase']} | \"big sale\"",
                "{'selector':'h1','transform':['number'],'default':0}           | 0",
                "{'selector':'xpath://a','attribute':'href'}                    | \"../a?x=1\"",
                "{'selector':'//a','type':'xpath','all':true}                   | [\"Lamp\",\"Desk & co\",\"No link\"]",
                "{'selector':'sku = .(S-[0-9]+)','type':'regex'}                | \"S-17\"",
                "{'selector':'S-[0-9]+','type':'regex','all':true}              | [\"S-17\",\"S-18\"]",
                "{'selector':'nope','type':'regex'}                             | null",
                "{'selector':'nope','type':'regex','all':true}                  | []",
                "{'selector':'description','type':'meta'}                       | \"All  things\"",
                "{'selector':'OG:title','type':'meta'}                          | \"OG\"",
                "{'selector':'keywords','type':'meta'}                          | null",
                "{'selector':'author','type':'meta','all':true}                 | [\"A\",\"B\"]",
                "{'selector':'$[0].name','type':'jsonld'}                       | \"Lamp\"",
                "{'selector':'$[*].name','type':'jsonld'}                       | \"Lamp\"",
                "{'selector':'$[*].name','type':'jsonld','all':true}            | [\"Lamp\",\"O\",\"Desk\"]",
                "{'selector':'$[0].offers','type':'jsonld'}                     | {\"price\":12.50,\"tags\":[\"a\",\"b\"]}",
                "{'selector':'$[0].offers.tags','type':'jsonld'}                | [\"a\",\"b\"]",
                "{'selector':'$[0].offers.tags','type':'jsonld','all':true,'transform':['uppercase']} | [\"A\",\"B\"]",
                "{'selector':'$..price','type':'jsonld'}                        | 12.50",
                "{'selector':'$[0].nothing.there','type':'jsonld','default':'d'} | \"d\"",
                "{'selector':'$.title','type':'jsonpath'}                       | null",
                "{'selector':'$.title','type':'jsonpath','all':true}            | []",
            })
    void objectFormsYieldWhatTheyAskFor(String selector, String value) {
        assertThat(x(plan(selector), html(SHOP))).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'selector':'.item','fields':{'t':'a','p':{'selector':'.price','transform':['number']}}} | {\"t\":\"Lamp\",\"p\":1234.50}",
                "{'selector':'.item','all':true,'fields':{'u':'a@href','id':'@data-id'}} | [{\"u\":\"../a?x=1\",\"id\":\"1\"},{\"u\":\"/b\",\"id\":\"2\"},{\"u\":null,\"id\":null}]",
                "{'selector':'.none','fields':{'t':'a'}} | null",
                "{'selector':'.none','all':true,'fields':{'t':'a'}} | []",
                "{'selector':'.item','fields':{'own':':scope@class','self':'','tags':{'selector':'i','all':true}}} | `{\"own\":\"item first\",\"self\":\"Lamp£1,234.50newhot\",\"tags\":[\"new\",\"hot\"]}`",
                "{'selector':'.outer','fields':{'inner':'div','direct':':scope > div'}} | {\"inner\":\"in\",\"direct\":\"in\"}",
                "{'selector':'table','fields':{'rows':{'selector':'tr','all':true,'fields':{'c':{'selector':'td','all':true}}}}} | {\"rows\":[{\"c\":[\"1\",\"2\"]}]}",
                "{'selector':'xpath://div[@data-id]','all':true,'fields':{'t':'xpath://a','u':'xpath:.//a/@href','v':'xpath:@data-id'}} | [{\"t\":\"Lamp\",\"u\":\"../a?x=1\",\"v\":\"1\"},{\"t\":\"Desk & co\",\"u\":\"/b\",\"v\":\"2\"}]",
                "{'selector':'.item','fields':{'c':{'type':'regex','selector':'class=.(price)'}}} | {\"c\":\"price\"}",
                "{'selector':'$[?(@[\\'@type\\']==\\'Product\\')]','type':'jsonld','all':true,'fields':{'n':'$.name','p':'offers.price'}} | [{\"n\":\"Lamp\",\"p\":12.50},{\"n\":\"Desk\",\"p\":null}]",
                "{'selector':'xpath://a/@href','all':true,'fields':{'n':'b'}} | []",
            })
    void fieldsAreRelativeToTheirMatch(String selector, String value) {
        String escaped = selector.replace("\\'", "\u0001");
        String json = escaped.replace('\'', '"').replace("\u0001", "'");
        SelectorPlan plan = SelectorPlan.compile(parse("{\"x\":" + json + "}"));

        assertThat(x(plan, html(SHOP))).isEqualTo(value);
    }

    private static JsonNode parse(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(text, malformed);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'selector':'$.title','type':'jsonpath'}                   | \"T\"",
                "{'selector':'$.big','type':'jsonpath'}                     | 12345678901234567890",
                "{'selector':'$.huge','type':'jsonpath'}                    | \"1E+999999\"",
                "{'selector':'$.null','type':'jsonpath','default':1}        | 1",
                "{'selector':'$.items[*].id','type':'jsonpath','all':true}  | [1,2]",
                "{'selector':'$.items','type':'jsonpath','all':true,'fields':{'i':'$.id','tags':{'selector':'$.tags','all':true}}} | [{\"i\":1,\"tags\":[\"a\"]},{\"i\":2,\"tags\":[]}]",
                "{'selector':'$.title','type':'jsonpath','fields':{'i':'id'}} | null",
                "{'selector':'$.items','type':'jsonpath','fields':{'i':'id'}} | {\"i\":1}",
                "{'selector':'$.items.length()','type':'jsonpath'}          | 2",
                "{'selector':'$.items[?(@.id > 1)].id','type':'jsonpath'}   | 2",
                "{'selector':'h1'}                                          | null",
                "{'selector':'h1','all':true}                               | []",
                "{'selector':'xpath://h1','default':'d'}                    | \"d\"",
                "{'selector':'og','type':'meta'}                            | null",
                "{'selector':'$[0]','type':'jsonld'}                        | null",
                "{'selector':'.title.:.(.)','type':'regex'}                 | \"T\"",
            })
    void jsonPagesAreReadByJsonPath(String selector, String value) {
        PageSource page = jsonPage("{\"title\":\"T\",\"big\":12345678901234567890,\"huge\":1e999999,\"null\":null,"
                + "\"items\":[{\"id\":1,\"tags\":[\"a\"]},{\"id\":2}]}");

        assertThat(x(plan(selector), page)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pubDate                            | \"today\"",
                "xpath://pubDate                    | \"today\"",
                "xpath://pubdate                    | null",
                "xpath://dc:creator                 | \"me\"",
                "xpath://*[local-name()='creator']  | \"me\"",
                "item@Kind                          | \"k\"",
                "xpath://item/@Kind                 | \"k\"",
                "xpath://data/text()                | \"<raw>\"",
                "link                               | \"https://a.example/\"",
            })
    void xmlKeepsTheCaseOfNames(String selector, String value) {
        PageSource page = xml(
                "<?xml version='1.0'?><rss xmlns:dc='urn:dc'><item Kind='k'><pubDate>today</pubDate>"
                        + "<dc:creator>me</dc:creator><data><![CDATA[<raw>]]></data><link>https://a.example/</link></item></rss>");

        assertThat(x(textPlan(selector), page)).isEqualTo(value);
    }

    @Test
    void unionsAreInDocumentOrderWithoutDuplicates() {
        assertThat(x(plan("{'selector':'//td | //h1 | //td','type':'xpath','all':true}"), html(SHOP)))
                .isEqualTo("[\"Big sale\",\"1\",\"2\"]");
        assertThat(x(plan("{'selector':'//@data-id | //div/@data-id','type':'xpath','all':true}"), html(SHOP)))
                .isEqualTo("[\"1\",\"2\"]");
        assertThat(x(
                        plan("{'selector':'//td[2]/preceding::*[self::h1 or self::i]','type':'xpath','all':true}"),
                        html(SHOP)))
                .isEqualTo("[\"Big sale\",\"new\",\"hot\"]");
    }

    @Test
    void namespacesInCssAreWrittenWithABar() {
        assertThat(x(textPlan("dc|a"), xml("<r><dc:a>x</dc:a></r>"))).isEqualTo("\"x\"");
    }

    @Test
    void membersFollowTheOrderOfTheSelectors() {
        SelectorPlan plan = SelectorPlan.compile(json("{'z':'h1','a':'title','m.x-1':'h2'}"));

        assertThat(plan.names()).containsExactly("z", "a", "m.x-1");
        assertThat(plan.extract(html(SHOP))).isEqualTo("{\"z\":\"Big sale\",\"a\":\"Shop\",\"m.x-1\":null}");
    }

    @Test
    void aPlanKnowsWhatItReads() {
        SelectorPlan markup = textPlan("h1");
        SelectorPlan json = plan("{'selector':'$.a','type':'jsonpath'}");
        SelectorPlan jsonLd = plan("{'selector':'$[0]','type':'jsonld'}");

        assertThat(List.of(markup.readsMarkup(), json.readsMarkup(), jsonLd.readsMarkup()))
                .containsExactly(true, false, true);
        assertThat(List.of(markup.readsJson(), json.readsJson(), jsonLd.readsJson()))
                .containsExactly(false, true, false);
    }

    @ParameterizedTest
    @CsvSource({
        "<base href='https://cdn.example/x/'>, rel, https://cdn.example/x/rel",
        "<base href='/x/'>, rel, https://shop.example/x/rel",
        "<p>, rel, https://shop.example/list/rel",
        "<p>, ' /rel ', https://shop.example/rel",
        "<p>, //other.example/p, https://other.example/p",
        "<p>, '', https://shop.example/list/page",
        "<p>, ?q=a b, https://shop.example/list/page?q=a%20b",
        "<p>, mailto:a@b.example, mailto:a@b.example",
    })
    void absoluteUrlHonoursTheBase(String head, String href, String absolute) {
        PageSource page = html(head + "<a href=\"" + href + "\">x</a>");

        assertThat(x(plan("{'selector':'a@href','transform':['absolute_url']}"), page))
                .isEqualTo('"' + absolute + '"');
    }

    @Test
    void whatCannotBeStoredIsReplaced() {
        assertThat(x(
                        plan("{'selector':'$.a','type':'jsonpath'}"),
                        jsonPage("{\"a\":\"x\\u0000\\ud800y\\ud83d\\ude00\"}")))
                .isEqualTo("\"x\uFFFD\uFFFDy\uD83D\uDE00\"");
        assertThat(x(plan("{'selector':'a(.)b','type':'regex'}"), html("a\0b"))).isEqualTo("\"\uFFFD\"");
    }

    @Test
    void onePlanServesManyThreads() throws InterruptedException, ExecutionException {
        SelectorPlan plan = SelectorPlan.compile(
                json("{'css':{'selector':'div > .item, .item ~ .item a, body .item:has(i)','all':true},"
                        + "'xpath':{'selector':'//div[@data-id]/a','type':'xpath','all':true},"
                        + "'ld':{'selector':'$..name','type':'jsonld','all':true},"
                        + "'re':{'selector':'S-[0-9]+','type':'regex','all':true}}"));
        String expected = plan.extract(html(SHOP));
        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 400; i++) {
                results.add(threads.submit(() -> plan.extract(html(SHOP)).equals(expected)));
            }
        }
        for (Future<Boolean> result : results) {
            assertThat(result.get()).isTrue();
        }
        assertThat(expected).contains("S-17", "Lamp", "Desk");
    }
}
