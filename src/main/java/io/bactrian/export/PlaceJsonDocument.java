package io.bactrian.export;

import java.io.IOException;
import java.io.OutputStream;

/** Places as a JSON array, each as it is stored and on a line of its own. */
final class PlaceJsonDocument implements Document<String> {
    private final JsonValues values;

    PlaceJsonDocument(OutputStream out) throws IOException {
        values = JsonValues.array(out);
    }

    @Override
    public void write(String placeJson) throws IOException {
        values.next().writeRawValue(StoredJson.onOneLine(placeJson));
    }

    @Override
    public void close() throws IOException {
        values.close();
    }
}
