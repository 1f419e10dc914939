package io.bactrian.scrape.select;

import java.util.ArrayDeque;
import java.util.Deque;

/** Estimates how many steps a regular expression compiles to, by multiplying out its counted repetitions. */
final class RegexSize {
    private static final long HUGE = 1_000_000_000L;

    private RegexSize() {}

    static long of(String regex) {
        Deque<Long> groups = new ArrayDeque<>();
        long sum = 0;
        long last = 0;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '(') {
                groups.push(sum);
                sum = 0;
                last = 0;
            } else if (c == ')') {
                last = sum + 1;
                sum = (groups.isEmpty() ? 0 : groups.pop()) + last;
            } else if (c == '{' && repetitions(regex, i) > 0) {
                long more = last * (repetitions(regex, i) - 1);
                last += more;
                sum += more;
                i = regex.indexOf('}', i);
            } else {
                if (c == '\\') {
                    i++;
                } else if (c == '[') {
                    i = endOfClass(regex, i);
                }
                last = 1;
                sum++;
            }
            if (sum > HUGE) {
                return HUGE;
            }
        }
        for (long outer : groups) {
            sum += outer;
        }
        return sum;
    }

    /** The larger count of a {@code {n}}, {@code {n,}} or {@code {n,m}} at this place, or 0 where there is none. */
    private static int repetitions(String regex, int open) {
        int number = 0;
        int largest = 0;
        for (int i = open + 1; i < regex.length() && i < open + 12; i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + (c - '0'), 100_000);
                largest = Math.max(largest, number);
            } else if (c == ',') {
                number = 0;
            } else {
                return c == '}' ? largest : 0;
            }
        }
        return 0;
    }

    private static int endOfClass(String regex, int open) {
        for (int i = open + 2; i < regex.length(); i++) {
            if (regex.charAt(i) == '\\') {
                i++;
            } else if (regex.charAt(i) == ']') {
                return i;
            }
        }
        return open;
    }
}
