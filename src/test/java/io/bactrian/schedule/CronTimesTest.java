package io.bactrian.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Times of cron expressions, against a table that a simulation of Debian's cron has computed. */
class CronTimesTest {
    /** One line of the table. */
    private record Row(String expression, String zone, Instant after, List<Instant> times) {
        static Row of(String line) {
            String[] parts = line.split(" \\| ", -1);
            return new Row(
                    parts[0],
                    parts[1],
                    Instant.parse(parts[2]),
                    Stream.of(parts[3].split(" ", -1))
                            .map(time -> OffsetDateTime.parse(time).toInstant())
                            .toList());
        }
    }

    @TestFactory
    Stream<DynamicTest> theTimesThatFollowAreThoseOfCron() throws IOException {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(
                        "%s in %s after %s".formatted(row.expression(), row.zone(), row.after()),
                        () -> assertThat(times(row)).isEqualTo(row.times())));
    }

    @Test
    void theTableHasAtLeastEightyRows() throws IOException {
        assertThat(rows()).hasSizeGreaterThanOrEqualTo(80);
    }

    private static List<Instant> times(Row row) {
        Schedule schedule = Schedules.cron("schedule", row.expression(), Schedules.zone("timezone", row.zone()));
        List<Instant> times = new ArrayList<>();
        Instant after = row.after();
        for (int i = 0; i < row.times().size(); i++) {
            after = schedule.next(after).orElseThrow();
            times.add(after);
        }
        return times;
    }

    private static List<Row> rows() throws IOException {
        try (InputStream table = CronTimesTest.class.getResourceAsStream("cron-times.txt")) {
            assertThat(table).isNotNull();
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::of)
                    .toList();
        }
    }

    @Test
    void aCalendarThatLeavesOutTheDayHasTheNextOne() {
        Schedule schedule = Schedules.cron("schedule", "*/30 12 30 12 *", ZoneId.of("Pacific/Apia"));

        assertThat(schedule.next(Instant.parse("2011-12-01T00:00:00Z")))
                .contains(Instant.parse("2012-12-29T22:00:00Z"));
    }
}
