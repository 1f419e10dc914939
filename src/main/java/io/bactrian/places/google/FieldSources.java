package io.bactrian.places.google;

import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where one field of a place may be, in the order in which it is looked for.
 *
 * @param data in the array that the page has of its place
 * @param url what the page's URL says of it
 * @param document in the visible document
 */
record FieldSources(
        @DefaultValue List<IndexPath> data,
        @DefaultValue List<TextPattern> url,
        @DefaultValue List<DocumentPath> document) {

    FieldSources {
        data = List.copyOf(data);
        url = List.copyOf(url);
        document = List.copyOf(document);
        data.forEach(path -> path.requireRoot("place"));
        if (data.isEmpty() && url.isEmpty() && document.isEmpty()) {
            throw new IllegalArgumentException("data, url or document must say where the field is.");
        }
    }
}
