package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void columnsAreAlignedAndNumbersStandToTheRight() {
        List<List<String>> rows = List.of(List.of("Kettle", "9.5"), List.of("Bell Tent", "420"), List.of("", ""));
        assertThat(TextTable.draw(List.of("title", "price"), rows, 20, "…").lines())
                .containsExactly(
                        "  title      price", "  ---------  -----", "  Kettle       9.5", "  Bell Tent    420", "");
    }

    @Test
    void aLongCellIsCut() {
        assertThat(TextTable.draw(List.of("t"), List.of(List.of("abcdefghij")), 6, "…"))
                .endsWith("  abcde…\n");
        assertThat(TextTable.draw(List.of("t"), List.of(List.of("abcdefghij")), 6, "..."))
                .endsWith("  abc...\n");
    }

    @Test
    void aCellCannotSteerTheTerminal() {
        assertThat(TextTable.draw(List.of("t"), List.of(List.of("a\u001b[2Jb\r\nc\u202ed")), 20, "…"))
                .endsWith("  a [2Jb c d\n");
    }

    @Test
    void aTableWithoutRowsHasItsHeader() {
        assertThat(TextTable.draw(List.of("title"), List.of(), 20, "…")).isEqualTo("  title\n  -----\n");
    }
}
