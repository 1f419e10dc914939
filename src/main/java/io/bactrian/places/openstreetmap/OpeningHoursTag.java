package io.bactrian.places.openstreetmap;

import io.bactrian.places.Place.OpeningHours;
import java.time.DayOfWeek;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tag {@code opening_hours} by days of the week.
 *
 * <p>Its language is large. What is read are the simple forms, which nearly all places have: {@code 24/7}, and rules such as
 * {@code Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-14:00; Su off}, of which a later one replaces an earlier one for its days.
 * Rules for holidays are left out. Then there are seven entries, from Monday, whose hours are as {@code 09:00–12:00}; a day on
 * which the place is closed has none. Anything else is one entry for the day {@code opening_hours}, with the text of the tag.
 */
final class OpeningHoursTag {
    private static final int LONGEST = 255;
    private static final String DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)";
    private static final String TIMES = "\\d{1,2}:\\d\\d *- *\\d{1,2}:\\d\\d";
    private static final Pattern RULE = Pattern.compile(
            "(?:(" + DAY + "(?:-" + DAY + ")?(?: ?, ?" + DAY + "(?:-" + DAY + ")?){0,8}):? +)?" + "(" + TIMES
                    + "(?: ?, ?" + TIMES + "){0,5}|off|closed|00:00-24:00)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HOLIDAYS =
            Pattern.compile("(?:PH|SH)(?:,(?:PH|SH))?(?: .*)?", Pattern.CASE_INSENSITIVE);
    private static final List<String> DAYS = List.of("mo", "tu", "we", "th", "fr", "sa", "su");
    private static final List<String> ALWAYS = List.of("00:00–24:00");

    private OpeningHoursTag() {}

    /** Whether the tag says that the place does not open at all. */
    static boolean isNever(String tag) {
        return tag.equalsIgnoreCase("off") || tag.equalsIgnoreCase("closed");
    }

    /** @param language of the names of days, a BCP 47 tag */
    static List<OpeningHours> days(String tag, String language) {
        @Nullable Map<DayOfWeek, List<String>> week = tag.length() > LONGEST ? null : week(tag);
        if (week == null) {
            return List.of(new OpeningHours("opening_hours", List.of(tag)));
        }
        Locale locale = Locale.forLanguageTag(language);
        return Arrays.stream(DayOfWeek.values())
                .map(day -> new OpeningHours(
                        day.getDisplayName(TextStyle.FULL_STANDALONE, locale), week.getOrDefault(day, List.of())))
                .toList();
    }

    private static @Nullable Map<DayOfWeek, List<String>> week(String tag) {
        Map<DayOfWeek, List<String>> week = new EnumMap<>(DayOfWeek.class);
        boolean some = false;
        for (String part : tag.split(";", -1)) {
            String rule = part.strip();
            if (rule.isEmpty() || HOLIDAYS.matcher(rule).matches()) {
                continue;
            }
            some = true;
            Matcher form = RULE.matcher(rule);
            if (rule.equals("24/7")) {
                EnumSet.allOf(DayOfWeek.class).forEach(day -> week.put(day, ALWAYS));
            } else if (form.matches()) {
                Set<DayOfWeek> days = days(form.group(1));
                List<String> hours = hours(form.group(2));
                days.forEach(day -> week.put(day, hours));
            } else {
                return null;
            }
        }
        return some ? week : null;
    }

    private static Set<DayOfWeek> days(@Nullable String text) {
        if (text == null) {
            return EnumSet.allOf(DayOfWeek.class);
        }
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String range : text.toLowerCase(Locale.ROOT).split(" ?, ?", -1)) {
            int dash = range.indexOf('-');
            int first = DAYS.indexOf(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : DAYS.indexOf(range.substring(dash + 1));
            if (first >= 0 && last >= 0) {
                int length = Math.floorMod(last - first, DAYS.size());
                for (int nth = 0; nth <= length; nth++) {
                    days.add(DayOfWeek.MONDAY.plus((long) first + nth));
                }
            }
        }
        return days;
    }

    private static List<String> hours(String text) {
        List<String> hours = new ArrayList<>();
        if (!isNever(text)) {
            for (String range : text.split(",", -1)) {
                hours.add(range.replaceAll(" *- *", "–").strip());
            }
        }
        return hours;
    }
}
