package io.bactrian.export;

import java.util.List;

/**
 * How rows become cells under headings.
 *
 * @param <R> what a row is
 */
interface Tabulation<R> {

    /** The columns, in order. */
    List<Column> columns();

    /** The cells of a row, one for each column. */
    Cell[] cells(R row);

    /**
     * A column of a table. Widths are in characters and count in workbooks alone.
     *
     * @param narrowest the width where its cells need no more
     * @param widest the width where its cells need more
     */
    record Column(String heading, double narrowest, double widest) {
        static Column ofWidth(String heading, double width) {
            return new Column(heading, width, width);
        }
    }
}
