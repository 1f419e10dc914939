package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages are the same from whichever end they are read. */
class WindowTest {

    @ParameterizedTest
    @CsvSource({"0, 10", "1, 10", "9, 3", "10, 3", "11, 3", "100, 7", "5, 5", "5, 100"})
    void everyPageHasItsEntriesInOrder(int total, int pageSize) {
        List<Integer> all = IntStream.range(0, total).boxed().toList();
        List<Integer> read = new ArrayList<>();
        for (int page = 1; page <= total / pageSize + 2; page++) {
            Window window = Window.of(total, page, pageSize);
            assertThat(window.offset()).isLessThanOrEqualTo(total / 2);
            List<Integer> entries = (window.fromEnd() ? all.reversed() : all)
                    .stream().skip(window.offset()).limit(window.limit()).toList();
            read.addAll(window.fromEnd() ? entries.reversed() : entries);
        }
        assertThat(read).isEqualTo(all);
    }

    @ParameterizedTest
    @CsvSource({"1, true, ASC", "1, false, DESC", "10, true, DESC", "10, false, ASC"})
    void theLastPageIsReadInTheReverseOrder(int page, boolean ascending, String direction) {
        assertThat(Window.of(100, page, 10).direction(ascending)).isEqualTo(direction);
    }

    @ParameterizedTest
    @CsvSource({"2147483647, 2147483647", "2147483647, 1", "2, 100"})
    void aPageAfterTheEndIsEmpty(int page, int pageSize) {
        assertThat(Window.of(100, page, pageSize).limit()).isZero();
    }
}
