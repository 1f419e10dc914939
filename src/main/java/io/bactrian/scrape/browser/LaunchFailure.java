package io.bactrian.scrape.browser;

import io.bactrian.scrape.page.PageFailure;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Why a browser did not start, found in the report of Playwright, which has all that the browser printed. */
final class LaunchFailure {
    private static final String PRINTED = "[err]";
    private static final String ENDED = "<process did exit";
    private static final List<String> ESSENTIAL = List.of("sandbox", "fatal", "shared libraries", "cannot", "error");

    /** Chromium says these wherever it runs without a desktop. */
    private static final List<String> NOISE = List.of("dbus", "bluetooth");

    private static final Pattern CHROMIUMS_PREFIX = Pattern.compile("^\\[\\d+[^\\]]{0,200}\\]\\s*");
    private static final int LONGEST = 300;

    private LaunchFailure() {}

    /** The line that says why, or the first one. */
    static String reason(RuntimeException failure) {
        String report = String.valueOf(failure.getMessage());
        List<String> printed = report.lines()
                .filter(line -> line.contains(PRINTED))
                .map(line ->
                        line.substring(line.indexOf(PRINTED) + PRINTED.length()).strip())
                .filter(line -> NOISE.stream().noneMatch(line::contains))
                .toList();
        for (String word : ESSENTIAL) {
            for (String line : printed) {
                if (line.toLowerCase(Locale.ROOT).contains(word)) {
                    return printable(CHROMIUMS_PREFIX.matcher(line).replaceFirst(""));
                }
            }
        }
        return report.lines()
                .filter(line -> line.contains(ENDED))
                .map(line -> line.substring(line.indexOf(ENDED) + 1).strip())
                .map(LaunchFailure::printable)
                .findFirst()
                .orElseGet(() -> printable(BrowserProcess.firstLine(failure)));
    }

    private static String printable(String line) {
        return PageFailure.printable(line, LONGEST).replaceAll("[.>]+$", "");
    }

    static boolean isOfTheSandbox(BrowserFailedException failure) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("sandbox");
    }

    /** What the operator can do. */
    static String mend(boolean sandbox) {
        return sandbox
                ? "Chromium's sandbox needs user namespaces: in a container, run with a seccomp profile that allows them"
                        + " (--security-opt seccomp=…); on Ubuntu 23.10 and later, set the sysctl"
                        + " kernel.apparmor_restrict_unprivileged_userns to 0 or give Chromium an AppArmor profile; root runs"
                        + " it without the sandbox."
                : "See that it runs for this user and has its libraries, or set bactrian.browser.executable to another.";
    }
}
