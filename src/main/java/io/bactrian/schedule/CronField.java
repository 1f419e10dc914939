package io.bactrian.schedule;

import io.bactrian.InvalidInputException;
import java.util.List;
import java.util.Locale;

/** One of the five fields of a cron expression. */
enum CronField {
    MINUTE("minute", 0, 59),
    HOUR("hour", 0, 23),
    DAY_OF_MONTH("day of month", 1, 31),
    MONTH("month", 1, 12),
    DAY_OF_WEEK("day of week", 0, 7);

    private static final List<String> MONTHS =
            List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    /** Of a number; longer ones are certainly outside every range. */
    private static final int DIGITS = 4;

    private static final int SUNDAY = 7;

    private final String words;
    private final int first;
    private final int last;

    CronField(String words, int first, int last) {
        this.words = words;
        this.first = first;
        this.last = last;
    }

    private List<String> names() {
        return switch (this) {
            case MINUTE, HOUR, DAY_OF_MONTH -> List.of();
            case MONTH -> MONTHS;
            case DAY_OF_WEEK -> DAYS;
        };
    }

    /**
     * The values that a field's text stands for, as a set of bits; Sunday is 0.
     *
     * @param input what the client calls the expression
     */
    long parse(String input, String text) {
        long values = 0;
        for (String item : text.split(",", -1)) {
            values |= item(input, item);
        }
        if (this == DAY_OF_WEEK && (values & 1L << SUNDAY) != 0) {
            values = (values | 1L) & ~(1L << SUNDAY);
        }
        return values;
    }

    private long item(String input, String item) {
        String[] parts = item.split("/", -1);
        if (parts.length > 2) {
            throw invalid(input, "'%s' has more than one step".formatted(item));
        }
        int from;
        int to;
        String range = parts[0];
        int dash = range.indexOf('-');
        if (range.equals("*")) {
            from = first;
            to = last;
        } else if (dash >= 0) {
            from = value(input, range.substring(0, dash));
            to = value(input, range.substring(dash + 1));
            if (this == DAY_OF_WEEK && to == 0 && from > 0) {
                to = SUNDAY;
            }
            if (from > to) {
                throw invalid(input, "the range '%s' ends before it begins".formatted(range));
            }
        } else if (parts.length == 2) {
            throw invalid(input, "the step of '%s' needs a range, such as %d-%d/2 or */2".formatted(item, first, last));
        } else {
            from = value(input, range);
            to = from;
        }
        int step = parts.length == 2 ? number(input, parts[1]) : 1;
        if (step == 0) {
            throw invalid(input, "the step of '%s' must be at least 1".formatted(item));
        }
        long values = 0;
        for (int value = from; value <= to; value += step) {
            values |= 1L << value;
        }
        return values;
    }

    private int value(String input, String text) {
        int name = names().indexOf(text.toUpperCase(Locale.ROOT));
        if (name >= 0) {
            return this == MONTH ? name + 1 : name;
        }
        int number = number(input, text);
        if (number < first || number > last) {
            throw invalid(input, "'%s' is not between %d and %d".formatted(text, first, last));
        }
        return number;
    }

    private int number(String input, String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(sign -> sign >= '0' && sign <= '9');
        if (!digits || text.length() > DIGITS) {
            throw invalid(
                    input,
                    names().isEmpty()
                            ? "'%s' is not a number".formatted(text)
                            : "'%s' is neither a number nor a name such as %s".formatted(text, names().get(1)));
        }
        return Integer.parseInt(text);
    }

    private InvalidInputException invalid(String input, String problem) {
        return new InvalidInputException(input, "is wrong in the field '%s': %s".formatted(words, problem));
    }
}
