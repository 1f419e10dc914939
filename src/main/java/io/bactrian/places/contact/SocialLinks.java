package io.bactrian.places.contact;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects a place's own pages in social networks: the first of each, as the https URL by which the network itself names it.
 * Links that share, embed or search something are not somebody's page.
 */
final class SocialLinks {
    private static final int LONGEST_URL = 2_000;
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._~%@+-]{1,150}");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{5,20}");
    private static final Pattern X_USER = Pattern.compile("[A-Za-z0-9_]{1,15}");
    private static final Pattern FACEBOOK_ID = Pattern.compile("(?:^|&)id=([0-9]{3,20})(?:&|$)");
    private static final Pattern PHONE = Pattern.compile("(?:^|&)phone=(?:\\+|%2[Bb]|%20)?([0-9]{5,20})(?:&|$)");
    private static final Pattern PINTEREST = Pattern.compile("(?:[a-z]{2}\\.)?pinterest\\.[a-z]{2,3}(?:\\.[a-z]{2})?");

    private static final Set<String> FACEBOOK_RESERVED = Set.of(
            "2008",
            "ads",
            "business",
            "dialog",
            "events",
            "gaming",
            "groups",
            "hashtag",
            "help",
            "home",
            "l",
            "legal",
            "login",
            "marketplace",
            "media",
            "permalink",
            "photo",
            "photos",
            "plugins",
            "policies",
            "policy",
            "privacy",
            "reel",
            "reels",
            "search",
            "settings",
            "share",
            "sharer",
            "stories",
            "story",
            "tr",
            "video",
            "videos",
            "watch",
            "wix");
    private static final Set<String> INSTAGRAM_RESERVED = Set.of(
            "about",
            "accounts",
            "developer",
            "direct",
            "explore",
            "legal",
            "p",
            "reel",
            "reels",
            "share",
            "stories",
            "tv",
            "web",
            "wix");
    private static final Set<String> X_RESERVED = Set.of(
            "about",
            "hashtag",
            "home",
            "i",
            "intent",
            "login",
            "privacy",
            "search",
            "settings",
            "share",
            "signup",
            "tos",
            "widgets",
            "wix");
    private static final Set<String> PINTEREST_RESERVED =
            Set.of("_", "about", "business", "explore", "ideas", "login", "pin", "search", "settings", "today");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2}(?:-[a-z]{2})?|web");
    private static final Set<String> WHATSAPP = Set.of("whatsapp.com", "api.whatsapp.com", "web.whatsapp.com");
    private static final Set<String> LINKEDIN_KINDS = Set.of("company", "in", "school", "showcase", "organization");

    private final Map<String, String> found = new LinkedHashMap<>();

    /** URLs by {@code facebook}, {@code instagram}, {@code linkedin}, {@code x}, {@code youtube}, and so on. */
    Map<String, String> found() {
        return new LinkedHashMap<>(found);
    }

    /** Adds a URL, if it is somebody's page. */
    void add(String text) {
        if (text.length() > LONGEST_URL) {
            return;
        }
        HttpUrl url;
        try {
            url = HttpUrl.parse(text);
        } catch (EgressRefusedException none) {
            return;
        }
        String host = withoutPrefix(url.host());
        String target = url.pathAndQuery();
        int question = target.indexOf('?');
        String query = question < 0 ? "" : target.substring(question + 1);
        List<String> path = Arrays.stream((question < 0 ? target : target.substring(0, question)).split("/", -1))
                .filter(segment -> !segment.isEmpty())
                .toList();
        if (path.stream().allMatch(segment -> SEGMENT.matcher(segment).matches())) {
            add(host, path, query);
        }
    }

    private void add(String host, List<String> path, String query) {
        if (isOf(host, "facebook.com") || host.equals("fb.com")) {
            put("facebook", facebook(path, query));
        } else if (isOf(host, "instagram.com")) {
            put("instagram", single(path, "https://www.instagram.com/", INSTAGRAM_RESERVED));
        } else if (isOf(host, "linkedin.com")) {
            put("linkedin", linkedin(path));
        } else if (host.equals("twitter.com") || host.equals("x.com")) {
            String user = single(path, "https://x.com/", X_RESERVED);
            put("x", user != null && X_USER.matcher(path.getFirst()).matches() ? user : null);
        } else if (isOf(host, "youtube.com")) {
            put("youtube", youtube(path));
        } else if (isOf(host, "tiktok.com")) {
            put(
                    "tiktok",
                    !path.isEmpty() && isHandle(path.getFirst()) ? "https://www.tiktok.com/" + path.getFirst() : null);
        } else if (PINTEREST.matcher(host).matches()) {
            put("pinterest", single(path, "https://www.pinterest.com/", PINTEREST_RESERVED));
        } else if (host.equals("wa.me") || WHATSAPP.contains(host)) {
            put("whatsapp", whatsapp(host, path, query));
        }
    }

    private void put(String network, @Nullable String profile) {
        if (profile != null) {
            found.putIfAbsent(network, profile);
        }
    }

    private static @Nullable String facebook(List<String> path, String query) {
        if (path.isEmpty()) {
            return null;
        }
        String base = "https://www.facebook.com/";
        String first = path.getFirst().toLowerCase(Locale.ROOT);
        return switch (first) {
            case "profile.php" -> {
                Matcher id = FACEBOOK_ID.matcher(query);
                yield id.find() ? base + "profile.php?id=" + id.group(1) : null;
            }
            case "pages", "people" ->
                path.size() >= 3 ? base + String.join("/", path.subList(0, Math.min(4, path.size()))) : null;
            case "p" -> path.size() == 2 ? base + "p/" + path.get(1) : null;
            case "pg" -> path.size() >= 2 ? base + path.get(1) : null;
            default -> isReserved(first, FACEBOOK_RESERVED) ? null : base + path.getFirst();
        };
    }

    private static @Nullable String linkedin(List<String> path) {
        boolean profile =
                path.size() >= 2 && LINKEDIN_KINDS.contains(path.getFirst().toLowerCase(Locale.ROOT));
        return profile
                ? "https://www.linkedin.com/" + path.getFirst().toLowerCase(Locale.ROOT) + "/" + path.get(1)
                : null;
    }

    private static @Nullable String youtube(List<String> path) {
        if (path.isEmpty()) {
            return null;
        }
        String first = path.getFirst();
        return switch (first) {
            case "channel", "c", "user" ->
                path.size() >= 2 ? "https://www.youtube.com/" + first + "/" + path.get(1) : null;
            default -> isHandle(first) ? "https://www.youtube.com/" + first : null;
        };
    }

    private static @Nullable String whatsapp(String host, List<String> path, String query) {
        if (!host.equals("wa.me")) {
            Matcher phone = PHONE.matcher(query);
            return path.equals(List.of("send")) && phone.find() ? "https://wa.me/" + phone.group(1) : null;
        }
        if (path.size() == 1) {
            String number = path.getFirst().replaceFirst("^(?:\\+|%2[Bb])", "");
            return DIGITS.matcher(number).matches() ? "https://wa.me/" + number : null;
        }
        return path.size() == 2 && path.getFirst().equals("message") ? "https://wa.me/message/" + path.get(1) : null;
    }

    /** The page of who is named by the whole path, if that is a name. */
    private static @Nullable String single(List<String> path, String base, Set<String> reserved) {
        return path.size() == 1 && !isReserved(path.getFirst().toLowerCase(Locale.ROOT), reserved)
                ? base + path.getFirst()
                : null;
    }

    private static boolean isReserved(String name, Set<String> reserved) {
        return reserved.contains(name) || name.endsWith(".php");
    }

    private static boolean isHandle(String segment) {
        return segment.length() > 1 && segment.startsWith("@");
    }

    /** Whether the host is the network's own, perhaps in one language; what else it runs there has no pages of people. */
    private static boolean isOf(String host, String domain) {
        if (!host.endsWith("." + domain)) {
            return host.equals(domain);
        }
        return LANGUAGE.matcher(host.substring(0, host.length() - domain.length() - 1))
                .matches();
    }

    private static String withoutPrefix(String host) {
        return host.replaceFirst("^(?:www|m|mobile)\\.", "");
    }
}
