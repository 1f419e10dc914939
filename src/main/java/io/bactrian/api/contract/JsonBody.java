package io.bactrian.api.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a JSON text (RFC 8259) from outside: UTF-8, no member twice, nothing after its end, and bounded in depth, in the
 * number of its values and in the size of its numbers.
 */
final class JsonBody {
    private static final int MAX_DEPTH = 50;
    private static final int MAX_NUMBER_LENGTH = 100;

    /** A little more than a task with the most URLs and selectors that a document allows. */
    private static final int MAX_TOKENS = 300_000;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build());

    private JsonBody() {}

    /**
     * The tree of the JSON, whole.
     *
     * @throws InvalidInputException when there is no JSON, or when it is malformed or too large
     */
    static JsonNode read(InputStream body) {
        try (Reader reader = withoutByteOrderMark(body);
                JsonParser parser = new FiniteNumbers(MAPPER.createParser(reader))) {
            return read(parser);
        } catch (CharacterCodingException e) {
            throw invalid("The body is not text in UTF-8.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read(JsonParser parser) throws IOException {
        try {
            JsonNode tree = MAPPER.readTree(parser);
            if (tree == null || tree.isMissingNode()) {
                throw invalid("A JSON body is required.");
            }
            if (parser.nextToken() != null) {
                throw invalid("The body goes on after the end of its JSON, " + place(parser.currentTokenLocation()));
            }
            return tree;
        } catch (NumberTooLargeException e) {
            throw invalid("The body has a number that is too large, " + place(e.getLocation()));
        } catch (StreamConstraintsException e) {
            throw invalid(limit(e.getOriginalMessage()));
        } catch (JsonEOFException e) {
            throw invalid("The body ends before its JSON does, " + place(e.getLocation()));
        } catch (JsonProcessingException e) {
            if (String.valueOf(e.getOriginalMessage()).startsWith("Duplicate field")) {
                throw new InvalidInputException(FieldPath.of(parser.getParsingContext()), "is given twice");
            }
            throw invalid("The body is not valid JSON, " + place(e.getLocation()));
        }
    }

    private static Reader withoutByteOrderMark(InputStream body) throws IOException {
        // A decoder made by hand refuses malformed bytes; the reader's own would replace them.
        Reader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder()));
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        return reader;
    }

    private static InvalidInputException invalid(String sentence) {
        return new InvalidInputException("", sentence);
    }

    private static String place(JsonLocation location) {
        return "at line " + location.getLineNr() + ", column " + location.getColumnNr() + ".";
    }

    private static String limit(String reason) {
        if (reason.startsWith("Document nesting depth")) {
            return "The body is nested deeper than " + MAX_DEPTH + " levels.";
        }
        if (reason.startsWith("Token count")) {
            return "The body has more than " + MAX_TOKENS + " values.";
        }
        if (reason.startsWith("Number value length")) {
            return "The body has a number of more than " + MAX_NUMBER_LENGTH + " digits.";
        }
        return "The body has a name or a text that is too long.";
    }

    /** Refuses numbers that no double can hold, which would turn into infinity. */
    private static final class FiniteNumbers extends JsonParserDelegate {
        FiniteNumbers(JsonParser parser) {
            super(parser);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if (token == JsonToken.VALUE_NUMBER_FLOAT && !Double.isFinite(getDoubleValue())) {
                throw new NumberTooLargeException(this);
            }
            return token;
        }

        @Override
        public JsonStreamContext getParsingContext() {
            return delegate.getParsingContext();
        }
    }

    private static final class NumberTooLargeException extends JsonParseException {
        private static final long serialVersionUID = 1L;

        NumberTooLargeException(JsonParser parser) {
            super(parser, "number too large", parser.currentTokenLocation());
        }
    }
}
