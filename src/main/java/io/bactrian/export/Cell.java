package io.bactrian.export;

/**
 * One value of a table.
 *
 * @param text the value as text; a number as JSON writes it, {@code true} or {@code false}, empty for an empty cell
 */
record Cell(Kind kind, String text) {
    static final Cell EMPTY = new Cell(Kind.EMPTY, "");

    enum Kind {
        EMPTY,
        TEXT,
        NUMBER,
        BOOLEAN
    }

    static Cell ofText(String text) {
        return new Cell(Kind.TEXT, text);
    }
}
