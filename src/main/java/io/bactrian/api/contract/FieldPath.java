package io.bactrian.api.contract;

import com.fasterxml.jackson.core.JsonStreamContext;
import com.networknt.schema.path.NodePath;

/**
 * Names a place in a JSON body as a client would write it: {@code config.urls[3]}.
 *
 * <p>Names come from outside, so what could not be written back (control characters, halves of characters) is replaced, and
 * long names are cut.
 */
final class FieldPath {
    private static final int MAX_NAME = 100;
    private static final int MAX_PATH = 1_000;
    private static final char REPLACEMENT = '\uFFFD';

    private FieldPath() {}

    /** The place that a validator speaks of. */
    static String of(NodePath path) {
        String text = "";
        for (int position = 0; position < path.getNameCount(); position++) {
            Object step = path.getElement(position);
            text = step instanceof Integer index ? element(text, index) : member(text, String.valueOf(step));
        }
        return text;
    }

    /** The place that a parser has come to. */
    static String of(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        String outer = parent == null ? "" : of(parent);
        if (context.inObject() && context.getCurrentName() != null) {
            return member(outer, context.getCurrentName());
        }
        return context.inArray() ? element(outer, context.getCurrentIndex()) : outer;
    }

    /** A member of the object at a path. */
    static String member(String path, String name) {
        String text = writable(name);
        return cut(path.isEmpty() ? text : path + '.' + text);
    }

    /** An element of the array at a path. */
    static String element(String path, int index) {
        return cut(path + '[' + index + ']');
    }

    private static String cut(String path) {
        return path.length() <= MAX_PATH ? path : path.substring(0, MAX_PATH - 1) + '…';
    }

    private static String writable(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints()
                .limit(MAX_NAME)
                .map(character -> isWritable(character) ? character : REPLACEMENT)
                .forEach(text::appendCodePoint);
        if (name.codePointCount(0, name.length()) > MAX_NAME) {
            text.append('…');
        }
        return text.toString();
    }

    private static boolean isWritable(int character) {
        return !Character.isISOControl(character)
                && (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE);
    }
}
