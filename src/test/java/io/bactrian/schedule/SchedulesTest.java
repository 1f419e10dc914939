package io.bactrian.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no schedule, and the plain words. */
class SchedulesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "60 * * * * | 'minute': '60' is not between 0 and 59",
                "-1 * * * * | 'minute': '' is not a number",
                "a * * * * | 'minute': 'a' is not a number",
                "1, * * * * | 'minute': '' is not a number",
                "*/0 * * * * | 'minute': the step of '*/0' must be at least 1",
                "*/ * * * * | 'minute': '' is not a number",
                "5/15 * * * * | 'minute': the step of '5/15' needs a range, such as 0-59/2 or */2",
                "1-5/2/2 * * * * | 'minute': '1-5/2/2' has more than one step",
                "99999999999999999999 * * * * | 'minute': '99999999999999999999' is not a number",
                "٣ * * * * | 'minute': '٣' is not a number",
                "** * * * * | 'minute': '**' is not a number",
                "0 24 * * * | 'hour': '24' is not between 0 and 23",
                "0 5-3 * * * | 'hour': the range '5-3' ends before it begins",
                "0 1.5 * * * | 'hour': '1.5' is not a number",
                "0 0 0 * * | 'day of month': '0' is not between 1 and 31",
                "0 0 32 * * | 'day of month': '32' is not between 1 and 31",
                "0 0 L * * | 'day of month': 'L' is not a number",
                "0 0 ? * * | 'day of month': '?' is not a number",
                "0 0 1-2-3 * * | 'day of month': '2-3' is not a number",
                "0 0 * 13 * | 'month': '13' is not between 1 and 12",
                "0 0 * 0 * | 'month': '0' is not between 1 and 12",
                "0 0 * MON * | 'month': 'MON' is neither a number nor a name such as FEB",
                "0 0 * JANUARY * | 'month': 'JANUARY' is neither a number nor a name such as FEB",
                "0 0 * * 8 | 'day of week': '8' is not between 0 and 7",
                "0 0 * * JAN | 'day of week': 'JAN' is neither a number nor a name such as MON",
                "0 0 * * FRI-MON | 'day of week': the range 'FRI-MON' ends before it begins",
                "0 0 * * 5#2 | 'day of week': '5#2' is neither a number nor a name such as MON",
            })
    void aWrongFieldIsNamed(String expression, String message) {
        assertThatThrownBy(() -> Schedules.cron("schedule", expression, ZoneOffset.UTC))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.violations())
                                .containsExactly(new Violation("schedule", "is wrong in the field " + message)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "* * * *", "0 0 9 * * MON", "fortnightly", "* * * * * /bin/true", "@"})
    void whatIsNoExpressionIsRefused(String expression) {
        assertThatThrownBy(() -> Schedules.cron("config.schedule", expression, ZoneOffset.UTC))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("must be ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30,31 FEB *", "0 0 30 2 */2", "0 0 31 4 *,1"})
    void whatNeverComesIsRefused(String expression) {
        assertThatThrownBy(() -> Schedules.cron("schedule", expression, ZoneOffset.UTC))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("never comes: in the field 'day of month', no day is in one of the months given");
    }

    @Test
    void anExpressionThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> Schedules.cron("schedule", "1,".repeat(200) + "1 * * * *", ZoneOffset.UTC))
                .hasMessage("must have at most 200 characters");
    }

    @Test
    void aRebootIsNoTime() {
        assertThatThrownBy(() -> Schedules.cron("schedule", "@reboot", ZoneOffset.UTC))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("@hourly");
    }

    @Test
    void blanksAndTabsSeparateFields() {
        Schedule schedule = Schedules.cron("schedule", "  0\t9  *\t \t* 1 ", ZoneOffset.UTC);

        assertThat(schedule.next(Instant.parse("2026-02-21T16:00:00Z")))
                .contains(Instant.parse("2026-02-23T09:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mars/Olympus", "", "UTC+3", "+02:00", "europe/berlin", "../etc/passwd"})
    void whatIsNoTimeZoneIsRefused(String name) {
        assertThatThrownBy(() -> Schedules.zone("timezone", name))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("must be the name of a time zone of IANA's, such as Europe/Berlin or UTC");
    }

    @Test
    void hourlyIsElapsedTimeFromTheAnchor() {
        assertThat(times("hourly", "2026-10-25T00:20:30Z", "2026-10-25T00:20:30Z", 3))
                .containsExactly(
                        Instant.parse("2026-10-25T01:20:30Z"),
                        Instant.parse("2026-10-25T02:20:30Z"),
                        Instant.parse("2026-10-25T03:20:30Z"));
    }

    @Test
    void dailyIsTheSameTimeOfTheDayWhateverTheClocksDo() {
        assertThat(times("Daily", "2026-03-27T01:30:00Z", "2026-03-27T01:30:00Z", 3))
                .containsExactly(
                        Instant.parse("2026-03-28T01:30:00Z"),
                        Instant.parse("2026-03-29T01:00:00Z"),
                        Instant.parse("2026-03-30T00:30:00Z"));
        assertThat(times("daily", "2026-10-24T00:30:00Z", "2026-10-24T00:30:00Z", 2))
                .containsExactly(Instant.parse("2026-10-25T00:30:00Z"), Instant.parse("2026-10-26T01:30:00Z"));
    }

    @Test
    void weeklyIsTheSameDayOfTheWeek() {
        assertThat(times("weekly", "2026-03-25T11:00:00Z", "2026-03-31T12:00:00Z", 2))
                .containsExactly(Instant.parse("2026-04-01T10:00:00Z"), Instant.parse("2026-04-08T10:00:00Z"));
    }

    @Test
    void monthlyIsTheSameDayOfTheMonthOrItsLast() {
        assertThat(times("monthly", "2027-12-31T11:00:00Z", "2027-12-31T11:00:00Z", 4))
                .containsExactly(
                        Instant.parse("2028-01-31T11:00:00Z"),
                        Instant.parse("2028-02-29T11:00:00Z"),
                        Instant.parse("2028-03-31T10:00:00Z"),
                        Instant.parse("2028-04-30T10:00:00Z"));
    }

    @Test
    void theAnchorIsTheFirstTime() {
        assertThat(times("monthly", "2026-05-05T05:05:05Z", "2020-01-01T00:00:00Z", 1))
                .containsExactly(Instant.parse("2026-05-05T05:05:05Z"));
    }

    @Test
    void timesThatWereMissedAreLeftOut() {
        assertThat(times("daily", "2026-01-01T05:00:00Z", "2031-07-01T05:00:00Z", 1))
                .containsExactly(Instant.parse("2031-07-02T04:00:00Z"));
    }

    @Test
    void whatIsNoWordIsACronExpression() {
        assertThat(times("0 6 * * *", "2026-01-01T05:00:00Z", "2026-07-01T05:00:00Z", 1))
                .containsExactly(Instant.parse("2026-07-02T04:00:00Z"));
    }

    private static List<Instant> times(String text, String anchor, String after, int count) {
        Schedule schedule = Schedules.parse("schedule", text, BERLIN, Instant.parse(anchor));
        List<Instant> times = new ArrayList<>();
        Instant time = Instant.parse(after);
        for (int i = 0; i < count; i++) {
            time = schedule.next(time).orElseThrow();
            times.add(time);
        }
        return times;
    }
}
