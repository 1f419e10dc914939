package io.bactrian.billing;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Holds the settings of plans, packages and prices against what can be sold, before anything is started.
 *
 * <p>Binding alone would round, ignore or misread much of what it is given: a key that nobody knows, an id with characters that
 * it leaves out, a price of a tenth of a cent. Every mistake becomes a sentence, and all of them are told at once.
 */
final class PlansCheck {
    private static final String ROOT = "bactrian.plans.";
    private static final String FILE = "config/plans.yaml: ";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern NAME =
            Pattern.compile("([^.\\[]+)(?:\\.([^.\\[]+)|\\[([^\\]]*)\\])?(?:[.]?([^.\\[]+))?.*");
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final long MOST_UNITS = 1_000_000_000_000L;
    private static final long MOST_AT_ONCE = 1_000_000;
    private static final BigDecimal HIGHEST_PRICE = new BigDecimal("999999.99");
    private static final int CENTS = 2;

    private static final String SELEXTRACT = "selextract";
    private static final String MAPSCRAPER = "mapscraper";
    private static final String PACKAGES = "packages";
    private static final String SIGN_UP = "sign-up-credits";

    private static final Map<String, Set<String>> KEYS = Map.of(
            SELEXTRACT,
            Set.of(
                    "name",
                    "tier",
                    "price",
                    "interval",
                    "compute-units-limit",
                    "concurrent-tasks",
                    "monitors",
                    "advanced",
                    "features",
                    "rate-limits"),
            MAPSCRAPER,
            Set.of("name", "price", "interval", "monthly-credits", "concurrent-jobs", "features", "rate-limits"),
            PACKAGES,
            Set.of("name", "credits", "price"));

    private final ConfigurableEnvironment settings;
    private final Map<String, Map<String, Set<String>>> written = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private PlansCheck(ConfigurableEnvironment settings) {
        this.settings = settings;
    }

    /** One sentence for each mistake; none where there are no plans at all. */
    static List<String> problems(ConfigurableEnvironment settings) {
        PlansCheck check = new PlansCheck(settings);
        check.readNames();
        if (!check.written.isEmpty()) {
            check.check();
        }
        return check.problems;
    }

    /** Checks the settings of a service that starts. */
    static final class Initializer implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {
        /** Before the embedded servers: there is nothing to stop then. */
        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            List<String> problems = problems(context.getEnvironment());
            if (!problems.isEmpty()) {
                throw new InvalidPlansException(problems);
            }
        }
    }

    private void problem(String key, String sentence) {
        problems.add(FILE + ROOT + key + " " + sentence);
    }

    /** As they were written: binding leaves out characters that it does not like. */
    private void readNames() {
        TreeSet<String> names = new TreeSet<>();
        for (PropertySource<?> source : settings.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> listed) {
                Arrays.stream(listed.getPropertyNames())
                        .filter(name -> name.startsWith(ROOT))
                        .map(name -> name.substring(ROOT.length()))
                        .forEach(names::add);
            }
        }
        names.forEach(this::readName);
    }

    private void readName(String name) {
        Matcher parts = NAME.matcher(name);
        String group = parts.matches() ? kebab(parts.group(1)) : name;
        if (group.equals(SIGN_UP)) {
            written.computeIfAbsent(group, any -> new TreeMap<>());
            return;
        }
        if (!KEYS.containsKey(group)) {
            written.computeIfAbsent("", any -> new TreeMap<>()).put(group, Set.of());
            return;
        }
        @Nullable String id = parts.group(2) == null ? parts.group(3) : parts.group(2);
        @Nullable String key = parts.group(4);
        Set<String> keys = written.computeIfAbsent(group, any -> new TreeMap<>())
                .computeIfAbsent(id == null ? "" : id, any -> new TreeSet<>());
        if (key != null) {
            keys.add(kebab(key));
        }
    }

    /** Settings may be written in several ways, as {@code monthlyCredits}. */
    private static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
    }

    private void check() {
        written.getOrDefault("", Map.of())
                .keySet()
                .forEach(unknown -> problem(
                        unknown, "is no setting: write one of mapscraper, packages, selextract, sign-up-credits."));
        for (String group : List.of(SELEXTRACT, MAPSCRAPER, PACKAGES)) {
            Map<String, Set<String>> items = written.getOrDefault(group, Map.of());
            items.forEach((id, keys) -> {
                if (ID.matcher(id).matches()) {
                    item(group, id, keys);
                } else {
                    problem(
                            group + "." + id,
                            "is no id: write up to 63 letters, digits and hyphens, such as professional.");
                }
            });
            if (!group.equals(PACKAGES) && !items.containsKey(Plans.FREE)) {
                problem(group + "." + Plans.FREE, "is missing: write the plan that every new account begins on.");
            }
        }
        Set<String> plans = written.getOrDefault(MAPSCRAPER, Map.of()).keySet();
        written.getOrDefault(PACKAGES, Map.of()).keySet().stream()
                .filter(plans::contains)
                .forEach(id -> problem(
                        "packages." + id,
                        "has the id of a plan of MapScraper, and both are bought by packageId: write another id."));
        whole(SIGN_UP, false, 0, MOST_UNITS);
    }

    private void item(String group, String id, Set<String> keys) {
        Set<String> known = KEYS.getOrDefault(group, Set.of());
        String item = group + "." + id + ".";
        keys.stream()
                .filter(key -> !known.contains(key))
                .forEach(key -> problem(
                        item + key, "is no setting: write one of " + String.join(", ", new TreeSet<>(known)) + "."));
        text(item + "name", "the name that people read");
        @Nullable BigDecimal price = price(item + "price");
        boolean costs = price != null && price.signum() > 0;
        if (id.equals(Plans.FREE) && !group.equals(PACKAGES) && costs) {
            problem(item + "price", "is %s, and nobody pays for this plan: write 0.".formatted(price));
        }
        switch (group) {
            case SELEXTRACT -> {
                text(item + "tier", "the class that clients read, such as pro");
                whole(item + "compute-units-limit", true, costs ? 1 : 0, MOST_UNITS);
                whole(item + "concurrent-tasks", true, 1, MOST_AT_ONCE);
                whole(item + "monitors", false, 0, MOST_AT_ONCE);
                oneOf(item + "advanced", "true", "false");
                oneOf(item + "interval", "monthly", "yearly");
                features(item);
            }
            case MAPSCRAPER -> {
                whole(item + "monthly-credits", true, costs ? 1 : 0, MOST_UNITS);
                whole(item + "concurrent-jobs", false, 1, MOST_AT_ONCE);
                oneOf(item + "interval", "monthly", "yearly");
                features(item);
            }
            default -> {
                whole(item + "credits", true, 1, MOST_UNITS);
                if (price != null && !costs) {
                    problem(item + "price", "is %s: write a price above 0, such as 19.00.".formatted(price));
                }
            }
        }
    }

    private @Nullable String value(String key) {
        return settings.getProperty(ROOT + key);
    }

    private void text(String key, String what) {
        @Nullable String value = value(key);
        if (value == null || value.isBlank()) {
            problem(key, "is missing: write %s.".formatted(what));
        }
    }

    private void features(String item) {
        if (value(item + "features") == null && value(item + "features[0]") == null) {
            problem(item + "features", "is missing: write what the plan offers, one line each.");
        }
    }

    private void oneOf(String key, String... words) {
        @Nullable String value = value(key);
        if (value != null && Arrays.stream(words).noneMatch(value::equalsIgnoreCase)) {
            problem(key, "is %s: write %s.".formatted(value, String.join(" or ", words)));
        }
    }

    private void whole(String key, boolean needed, long least, long most) {
        @Nullable String value = value(key);
        @Nullable
        BigDecimal number = value != null && WHOLE.matcher(value.strip()).matches() ? number(value) : null;
        String wanted = "a whole number from %d to %d".formatted(least, most);
        if (value == null) {
            if (needed) {
                problem(key, "is missing: write %s.".formatted(wanted));
            }
        } else if (number == null
                || number.compareTo(BigDecimal.valueOf(least)) < 0
                || number.compareTo(BigDecimal.valueOf(most)) > 0) {
            problem(key, "is %s: write %s.".formatted(value, wanted));
        }
    }

    private @Nullable BigDecimal price(String key) {
        @Nullable String value = value(key);
        @Nullable BigDecimal number = number(value);
        if (value == null) {
            problem(key, "is missing: write a price in US dollars, such as 29.99.");
            return null;
        }
        if (number == null
                || number.signum() < 0
                || number.compareTo(HIGHEST_PRICE) > 0
                || number.stripTrailingZeros().scale() > CENTS) {
            problem(
                    key,
                    "is %s: write a price in US dollars from 0 to %s with two decimals at most, such as 29.99."
                            .formatted(value, HIGHEST_PRICE));
            return null;
        }
        return number;
    }

    private static @Nullable BigDecimal number(@Nullable String value) {
        try {
            return value == null ? null : new BigDecimal(value.strip());
        } catch (NumberFormatException another) {
            return null;
        }
    }
}
