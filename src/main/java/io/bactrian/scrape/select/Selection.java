package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named selector, compiled: what is looked for and what becomes of it.
 *
 * @param all whether the value is a list of all matches
 * @param fields the selectors of the object that each match becomes, or empty where a match becomes a plain value
 * @param missing the value where nothing was found, or null for null ({@code []} with {@code all})
 */
record Selection(
        String name,
        Query query,
        Projection projection,
        boolean all,
        List<Transform> transforms,
        List<Selection> fields,
        @Nullable JsonNode missing) {

    Selection {
        transforms = List.copyOf(transforms);
        fields = List.copyOf(fields);
    }

    /** Writes the value for a scope, exactly one JSON value. */
    void write(Scope scope) throws IOException {
        List<Match> matches = query.matches(scope, all ? Query.Wanted.ALL : Query.Wanted.FIRST);
        if (all) {
            writeAll(matches, scope.extraction());
        } else {
            writeFirst(matches, scope.extraction());
        }
    }

    private void writeFirst(List<Match> matches, Extraction extraction) throws IOException {
        Match first = matches.isEmpty() ? null : matches.getFirst();
        if (first == null || !isUsable(first)) {
            extraction.write(missing);
        } else if (fields.isEmpty()) {
            Object value = value(first, extraction);
            extraction.write(value == null || value instanceof NullNode ? missing : value);
        } else {
            writeObject(first, extraction);
        }
    }

    private void writeAll(List<Match> matches, Extraction extraction) throws IOException {
        boolean begun = false;
        for (Match match : matches) {
            if (!begun && isUsable(match)) {
                begun = true;
                extraction.generator().writeStartArray();
            }
            if (isUsable(match)) {
                extraction.count();
                if (fields.isEmpty()) {
                    extraction.write(value(match, extraction));
                } else {
                    writeObject(match, extraction);
                }
            }
        }
        if (begun) {
            extraction.generator().writeEndArray();
        } else if (missing != null) {
            extraction.write(missing);
        } else {
            extraction.generator().writeStartArray();
            extraction.generator().writeEndArray();
        }
    }

    /** Whether the match has a value: an element without the attribute has none, nor a plain text with fields. */
    private boolean isUsable(Match match) {
        return switch (match) {
            case Match.OfElement found ->
                !(projection instanceof Projection.Attribute wanted)
                        || found.element().hasAttr(wanted.name());
            case Match.OfText found -> fields.isEmpty();
            case Match.OfJson found -> fields.isEmpty() || found.json().isContainerNode();
        };
    }

    private @Nullable Object value(Match match, Extraction extraction) {
        if (match instanceof Match.OfElement found && !(projection instanceof Projection.Attribute)) {
            extraction.chargeContent(found.element());
        }
        Object value = projection.of(match);
        for (Transform transform : transforms) {
            extraction.budget().chargeText(value instanceof String text ? text.length() : 0);
            value = transform.apply(value, extraction.page());
        }
        return value;
    }

    private void writeObject(Match match, Extraction extraction) throws IOException {
        Scope inner = switch (match) {
            case Match.OfElement found -> new Scope(extraction, found.element(), null);
            case Match.OfJson found -> new Scope(extraction, null, found.json());
            case Match.OfText found -> throw new IllegalStateException("a text has no fields");
        };
        extraction.generator().writeStartObject();
        for (Selection field : fields) {
            extraction.generator().writeFieldName(field.name());
            field.write(inner);
        }
        extraction.generator().writeEndObject();
    }
}
