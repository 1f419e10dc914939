package io.bactrian.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/** JSON from the store, read without Jackson's limits: what was accepted into the store must come out. */
final class StoredJson {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private StoredJson() {}

    /** A parser before the first token; whoever uses it must not recurse into nesting of any depth. */
    static JsonParser parser(String json) throws IOException {
        return FACTORY.createParser(json);
    }

    /** The same JSON on one line: JSON allows line breaks between tokens only, so a space in their place changes nothing. */
    static String onOneLine(String json) {
        return json.replace('\n', ' ').replace('\r', ' ');
    }
}
