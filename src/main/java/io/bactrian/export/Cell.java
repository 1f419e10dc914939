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
        BOOLEAN,
        /** Text that a workbook shows as a link, if it is a URL that may be one. */
        LINK,
        /**
         * The digits and punctuation of a phone number, perhaps with a {@code +} before them: no formula that could do
         * anything, so that it needs no apostrophe.
         */
        PHONE
    }

    static Cell ofText(String text) {
        return new Cell(Kind.TEXT, text);
    }

    /** The value as a spreadsheet may safely see it. */
    String neutralised() {
        return kind == Kind.PHONE ? text : SafeText.neutralised(text);
    }
}
