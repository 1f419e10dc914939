package io.bactrian.scrape.select;

import static io.bactrian.scrape.select.Extracting.json;
import static io.bactrian.scrape.select.Extracting.violations;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorCompilerTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "h1[                                      | is not a valid CSS selector",
                "`  `                                     | not empty",
                "h1 >> p                                  | is not a valid CSS selector",
                "a:nope                                   | is not a valid CSS selector",
                "a:has(b:has(c))                          | :has() cannot be nested",
                "a:has(b:not(c:has(d)))                   | :has() cannot be nested",
                "a ~ b ~ c ~ d ~ e ~ f ~ g ~ h ~ i ~ j    | sibling combinators",
                "a:matches(()                             | is not a valid CSS selector",
                "a:matches((x{1000}){1000})               | repetitions",
                "a[b~=(x{900}){900}]                      | repetitions",
                "xpath://h1[                              | is not a valid XPath",
                "xpath://h1[$x]                           | there is no variable $x",
                "xpath:nope(//h1)                         | there is no function nope()",
                "xpath:document('file:///etc/passwd')     | there is no function document()",
                "xpath:evaluate('//a')                    | there is no function evaluate()",
                "xpath:fn:string(//a)                     | there is no function fn:string()",
                "xpath://a/namespace::*                   | namespace axis",
                "xpath://a:*                              | wildcard",
                "xpath:contains(//a)                      | is not a valid XPath",
                "xpath://p[contains(.)]                   | is not a valid XPath",
            })
    void aTextThatIsNoSelectorIsRefused(String selector, String message) {
        ObjectNode selectors = MAPPER.createObjectNode().put("x", selector);

        assertOne(violations(selectors), "config.selectors.x", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "7                                                        | x              | Must be a selector text or an object",
                "null                                                     | x              | Must be a selector text or an object",
                "{}                                                       | x              | not empty",
                "{'selector':7}                                           | x.selector     | Must be a text",
                "{'selector':'a','attr':'b'}                              | x.attr         | Unknown key 'attr'",
                "{'selector':'a','type':'css3'}                           | x.type         | css, jsonld, jsonpath, meta, regex, xpath",
                "{'selector':'a','type':1}                                | x.type         | Must be a text",
                "{'selector':'a','all':'true'}                            | x.all          | true or false",
                "{'selector':'a','html':1}                                | x.html         | true or false",
                "{'selector':'a','attribute':'a b'}                       | x.attribute    | name of an attribute",
                "{'selector':'a','attribute':'b','html':true}             | x              | attribute",
                "{'selector':'a@b','html':true}                           | x              | attribute",
                "{'selector':'a@b','attribute':'c'}                       | x              | keep one",
                "{'selector':'a','transform':'trim'}                      | x.transform    | Must be a list",
                "{'selector':'a','transform':['trim','nope']}             | x.transform[1] | trim, number, absolute_url, lowercase, uppercase, strip_tags",
                "{'selector':'a','transform':[1]}                         | x.transform[0] | Must be one of",
                "{'selector':'a','fields':[]}                             | x.fields       | Must be an object",
                "{'selector':'a','fields':{}}                             | x.fields       | 1 to 100",
                "{'selector':'a','fields':{'p':'b['}}                     | x.fields.p     | is not a valid CSS selector",
                "{'selector':'a','fields':{'p q':'b'}}                    | x.fields.p q   | Must be named",
                "{'selector':'a','fields':{'p':{'type':'jsonpath','selector':'$'}}} | x.fields.p.type | cannot be used in these fields",
                "{'selector':'$','type':'jsonld','fields':{'p':{'type':'css','selector':'a'}}} | x.fields.p.type | use one of jsonpath",
                "{'selector':'a','html':true,'fields':{'p':'b'}}          | x              | html",
                "{'selector':'a','transform':['trim'],'fields':{'p':'b'}} | x.transform    | put it into the fields",
                "{'selector':'a','type':'regex','fields':{'p':'b'}}       | x.fields       | regex selectors",
                "{'selector':'a','type':'meta','fields':{'p':'b'}}        | x.fields       | meta selectors",
                "{'selector':'a','type':'meta','attribute':'b'}           | x.attribute    | only be used with css and xpath",
                "{'selector':'a','type':'regex','html':true}              | x.html         | only be used with css and xpath",
                "{'selector':'(','type':'regex'}                          | x              | is not a valid regular expression",
                "{'selector':'(?=a)','type':'regex'}                      | x              | is not a valid regular expression",
                "{'selector':'((a{100}){100}){100}','type':'regex'}       | x              | repetitions",
                "{'selector':'$[','type':'jsonpath'}                      | x              | is not a valid JSONPath",
                "{'selector':'$..a..b..c','type':'jsonpath'}              | x              | at most 2 '..'",
                "{'selector':'$[?(@.a =~ /x/)]','type':'jsonpath'}        | x              | regular expressions (=~)",
                "{'selector':'$[?(@.a =~ /x/)]','type':'jsonld'}          | x              | regular expressions (=~)",
                "{'selector':'','type':'jsonpath'}                        | x              | not empty",
            })
    void anObjectThatIsNoSelectorIsRefused(String selector, String field, String message) {
        assertOne(violations(json("{'x':" + selector + "}")), "config.selectors." + field, message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a':{'selector':'h1','attribute':null,'all':null,'transform':null,'fields':null}}",
                "{'a':'a[b=x@href]'}",
                "{'a':'.md\\\\@x'}",
                "{'a':{'selector':'$[?(@.a == \\\"=~\\\")]','type':'jsonpath'}}",
                "{'_':'h1','A.b-c_9':'h2'}",
                "{'a':'a:has(b):has(c)'}",
                "{'a':'[class~=^x]'}",
                "{'a':{'selector':'[0-9]{1,4}-[0-9]{2}','type':'regex'}}",
                "{'a':{'selector':'a','fields':{'b':{'selector':'b','fields':{'c':{'selector':'c','fields':{'d':{'selector':'d',"
                        + "'fields':{'e':{'selector':'e','fields':{'f':'f'}}}}}}}}}}}",
            })
    void whatTheContractAllowsIsAccepted(String selectors) {
        assertThat(violations(json(selectors))).isEmpty();
    }

    @Test
    void onlyNodeSetsCanBeJoined() {
        assertOne(violations(json("{'x':'xpath:1 | //a'}")), "config.selectors.x", "only node-sets");
    }

    @Test
    void everyViolationIsReported() {
        assertThat(violations(json("{'1a':'h1','ok':'h1','b':'h1[','c':{'selector':'a','nope':1,'transform':['x']}}")))
                .extracting(Violation::field)
                .containsExactly(
                        "config.selectors.1a",
                        "config.selectors.b",
                        "config.selectors.c.nope",
                        "config.selectors.c.transform[0]");
    }

    @Test
    void thereIsAtLeastOneSelectorAndAtMostAHundred() {
        ObjectNode many = MAPPER.createObjectNode();
        for (int i = 0; i < 100; i++) {
            many.put("s" + i, "h1");
        }
        assertThat(violations(many)).isEmpty();
        assertOne(violations(many.put("more", "h1")), "config.selectors", "1 to 100");
        assertOne(violations(MAPPER.createObjectNode()), "config.selectors", "1 to 100");
        assertOne(violations(MAPPER.createArrayNode()), "config.selectors", "Must be an object");
    }

    @Test
    void fieldsAreNestedAtMostFiveDeep() {
        String selector = "'a'";
        for (int i = 0; i < 6; i++) {
            selector = "{'selector':'a','fields':{'x':" + selector + "}}";
        }

        assertOne(
                violations(json("{'x':" + selector + "}")),
                "config.selectors.x" + ".fields.x".repeat(5) + ".fields",
                "deeper than 5");
    }

    @Test
    void longTextsAndNamesAreRefusedWithoutRepeatingThem() {
        assertOne(
                violations(MAPPER.createObjectNode().put("x", "a".repeat(2_001))),
                "config.selectors.x",
                "2000 characters");
        List<Violation> name = violations(MAPPER.createObjectNode().put("n".repeat(65), "a"));
        assertThat(name.getFirst().field()).hasSizeLessThan(100);
        List<Violation> nested = violations(MAPPER.createObjectNode().put("x", "xpath:" + "(".repeat(1_900)));
        assertThat(nested.getFirst().message()).hasSizeLessThan(400);
    }

    @Test
    void messagesNameNoClasses() {
        for (String selector : List.of("h1[", "xpath://[", "xpath:concat()", "a:eq(99999999999)", "a:nth-child(x)")) {
            assertThat(violations(MAPPER.createObjectNode().put("x", selector)))
                    .singleElement()
                    .extracting(Violation::message)
                    .asString()
                    .doesNotContain("java.", "jsoup", "jaxen", "Exception")
                    .doesNotContain("\n");
        }
    }

    private static void assertOne(List<Violation> violations, String field, String message) {
        assertThat(violations).hasSize(1);
        assertThat(violations.getFirst().field()).isEqualTo(field);
        assertThat(violations.getFirst().message()).contains(message);
    }
}
