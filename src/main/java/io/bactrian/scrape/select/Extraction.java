package io.bactrian.scrape.select;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.OutsideText;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeTraversor;
import org.jspecify.annotations.Nullable;

/** One application of a plan to a page: what it may still do, and the JSON text that it writes. */
final class Extraction {
    static final int MAXIMAL_VALUES = 100_000;
    /** Beyond this, stores and spreadsheets take a number for infinite. */
    private static final int MAXIMAL_EXPONENT = 300;

    private static final JsonFactory FACTORY = new JsonFactory();

    private final PageSource page;
    private final Budget budget;
    private final BoundedWriter written = new BoundedWriter();
    private final JsonGenerator generator;
    private int values;

    Extraction(PageSource page, Budget budget) throws IOException {
        this.page = page;
        this.budget = budget;
        this.generator = FACTORY.createGenerator(written);
    }

    PageSource page() {
        return page;
    }

    Budget budget() {
        return budget;
    }

    JsonGenerator generator() {
        return generator;
    }

    /** The text that was written; nothing can be written any more. */
    String finish() throws IOException {
        generator.close();
        return written.toString();
    }

    /** Counts one value of a list. */
    void count() {
        if (++values > MAXIMAL_VALUES) {
            throw tooManyValues();
        }
    }

    /** Charges for reading everything in an element, which jsoup does in one go. */
    void chargeContent(Element element) {
        NodeTraversor.traverse(
                (node, depth) -> budget.chargeText(
                        node instanceof TextNode text ? text.getWholeText().length() : 0),
                element);
    }

    static ExtractionException tooManyValues() {
        return new ExtractionException("the page has more than " + MAXIMAL_VALUES + " values for it.");
    }

    void write(@Nullable Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case String text -> generator.writeString(OutsideText.clean(text));
            case BigDecimal number -> generator.writeNumber(number.toPlainString());
            case JsonNode json -> writeJson(json);
            default -> throw new IllegalStateException("no such value: " + value.getClass());
        }
    }

    private void writeJson(JsonNode json) throws IOException {
        switch (json.getNodeType()) {
            case OBJECT -> {
                generator.writeStartObject();
                for (Map.Entry<String, JsonNode> member : json.properties()) {
                    generator.writeFieldName(OutsideText.clean(member.getKey()));
                    writeJson(member.getValue());
                }
                generator.writeEndObject();
            }
            case ARRAY -> {
                generator.writeStartArray();
                for (JsonNode element : json) {
                    writeJson(element);
                }
                generator.writeEndArray();
            }
            case STRING -> generator.writeString(OutsideText.clean(json.textValue()));
            case BOOLEAN -> generator.writeBoolean(json.booleanValue());
            case NUMBER -> writeNumber(json);
            case NULL, MISSING, BINARY, POJO -> generator.writeNull();
        }
    }

    private void writeNumber(JsonNode json) throws IOException {
        if (json.isIntegralNumber()) {
            BigInteger integer = json.bigIntegerValue();
            generator.writeNumber(integer);
            return;
        }
        if (json.isBigDecimal()) {
            BigDecimal number = json.decimalValue();
            long magnitude = (long) number.precision() - number.scale();
            if (Math.abs(magnitude) > MAXIMAL_EXPONENT) {
                generator.writeString(number.toString());
            } else {
                generator.writeNumber(number);
            }
            return;
        }
        double number = json.doubleValue();
        if (Double.isFinite(number)) {
            generator.writeNumber(number);
        } else {
            generator.writeNull();
        }
    }
}
