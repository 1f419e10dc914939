package io.bactrian.scrape.polite;

import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRules.RobotRulesMode;
import crawlercommons.robots.SimpleRobotRulesParser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The robots.txt of one origin, as far as it concerns us.
 *
 * @param weight about how many bytes it takes in memory
 * @param staleFrom when it may no longer be relied on
 * @param reason why URLs are disallowed, where they are
 */
record RobotsRules(SimpleRobotRules rules, int weight, Instant staleFrom, String reason) {
    /** RFC 9309 section 2.4: not longer than 24 hours. */
    static final Duration FRESH = Duration.ofHours(24);

    /** A site in trouble is asked again soon, but not by each page of a large task. */
    private static final Duration TROUBLED = Duration.ofMinutes(5);

    private static final List<String> OUR_NAMES = List.of(UserAgent.PRODUCT_TOKEN.toLowerCase(Locale.ROOT));
    private static final int EMPTY_WEIGHT = 512;

    static RobotsRules parsed(String url, byte[] content, @Nullable String contentType, Instant now) {
        // One parser each: it counts warnings in fields.
        // And it must not take a long Crawl-delay for a ban: a longer one than the limit is cut to it.
        SimpleRobotRulesParser parser =
                new SimpleRobotRulesParser(Long.MAX_VALUE, SimpleRobotRulesParser.DEFAULT_MAX_WARNINGS);
        SimpleRobotRules rules = parser.parseContent(url, content, contentType, OUR_NAMES);
        rules.getSitemaps().clear();
        return new RobotsRules(
                rules,
                EMPTY_WEIGHT + content.length * 2,
                now.plus(FRESH),
                "disallows this page for " + UserAgent.PRODUCT_TOKEN);
    }

    static RobotsRules absent(Instant now) {
        return new RobotsRules(new SimpleRobotRules(RobotRulesMode.ALLOW_ALL), EMPTY_WEIGHT, now.plus(FRESH), "");
    }

    static RobotsRules unavailable(String why, Instant now) {
        return new RobotsRules(
                new SimpleRobotRules(RobotRulesMode.ALLOW_NONE),
                EMPTY_WEIGHT,
                now.plus(TROUBLED),
                "could not be had (" + why + "), so the page counts as disallowed for now");
    }

    /** @param pathAndQuery the request target, percent-encoded */
    boolean allow(String pathAndQuery) {
        // RFC 9309 section 2.2.2: the file itself is always allowed.
        if (pathAndQuery.equals("/robots.txt")) {
            return true;
        }
        // Only the path is compared; a fixed host spares the parser hosts that java.net.URI does not like.
        return rules.isAllowAll() || rules.isAllowed("http://host" + pathAndQuery);
    }

    /** The {@code Crawl-delay} of our group, or of the general one; zero where there is none. */
    Duration crawlDelay() {
        return Duration.ofMillis(Math.max(0, rules.getCrawlDelay()));
    }
}
