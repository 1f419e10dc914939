package io.bactrian.demo;

import java.util.Iterator;
import java.util.function.BiPredicate;

/** Reads a stream of Server-Sent Events (WHATWG HTML, section 9.2): the type and the data of each. */
final class ServerSentEvents {
    private ServerSentEvents() {}

    /**
     * Hands each event on until the reader has had enough or the stream ends.
     *
     * @param lines the stream's lines, without their ends
     * @param reader takes type and data; true ends the reading
     */
    static void read(Iterator<String> lines, BiPredicate<String, String> reader) {
        String type = "message";
        StringBuilder data = new StringBuilder();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.isEmpty()) {
                if (!data.isEmpty() && reader.test(type, data.substring(0, data.length() - 1))) {
                    return;
                }
                type = "message";
                data.setLength(0);
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "event" -> type = value;
                case "data" -> data.append(value).append('\n');
                // A comment (an empty field name) keeps the connection alive; other fields do not matter here.
                default -> {}
            }
        }
    }
}
