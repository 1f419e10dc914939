package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MimeTypeUtils;

/** What a form in a browser sends: {@code application/x-www-form-urlencoded}, as the URL standard has it. */
final class FormBody {
    /** Fields that are read; nobody's form has more. */
    private static final int MOST = 100;

    private FormBody() {}

    /**
     * The fields of a form, each a text.
     *
     * @param contentType as it was sent; where there is no body, none is needed
     * @throws UnsupportedMediaTypeException when it is declared as something else
     * @throws InvalidInputException when it is no form, or has a field twice
     */
    static JsonNode read(byte[] body, @Nullable String contentType) {
        if (body.length > 0 || contentType != null) {
            requireForm(contentType);
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        String text = utf8(body);
        String[] pairs = text.isEmpty() ? new String[0] : text.split("&", MOST + 1);
        if (pairs.length > MOST) {
            throw new InvalidInputException("", "The form has more than %d fields.".formatted(MOST));
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (fields.has(name)) {
                throw new InvalidInputException(name, "is there twice");
            }
            fields.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return fields;
    }

    private static void requireForm(@Nullable String contentType) {
        try {
            if (contentType != null
                    && MimeTypeUtils.parseMimeType(contentType)
                            .equalsTypeAndSubtype(MimeTypeUtils.parseMimeType("application/x-www-form-urlencoded"))) {
                return;
            }
        } catch (IllegalArgumentException malformed) {
            throw UnsupportedMediaTypeException.form();
        }
        throw UnsupportedMediaTypeException.form();
    }

    private static String utf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new InvalidInputException("", "The form is not in UTF-8.");
        }
    }

    private static String decoded(String encoded) {
        try {
            return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new InvalidInputException("", "The form has a % that begins no encoded character.");
        }
    }
}
