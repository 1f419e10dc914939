package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/** Holds statements to plans that stay quick however many rows there are. */
public final class TestPlans {
    private TestPlans() {}

    /**
     * Holds a statement to an index of its table, without a look at each row and without sorting.
     *
     * @param explain {@code EXPLAIN} of the statement, with its parameters
     */
    public static void assertReadInOrder(StatementSpec explain, String table) {
        String plan = plan(explain);
        assertThat(plan).doesNotContain("Sort Key");
        assertReadByIndex(explain, table);
    }

    /** As the other, but what an index gives may be sorted or summed afterwards. */
    public static void assertReadByIndex(StatementSpec explain, String table) {
        assertThat(plan(explain))
                .containsPattern("(Index( Only)? Scan.* on|Bitmap Heap Scan on) " + table)
                .doesNotContain("Seq Scan on " + table + " ");
    }

    /** As the other, by a certain index, out of which the rows come in their order. */
    public static void assertReadBy(StatementSpec explain, String table, String index) {
        assertReadByIndex(explain, table);
        assertThat(plan(explain)).containsPattern("Limit.*\n *-> +Index (Only )?Scan( Backward)? using " + index);
    }

    private static String plan(StatementSpec explain) {
        return String.join("\n", explain.query(String.class).list());
    }
}
