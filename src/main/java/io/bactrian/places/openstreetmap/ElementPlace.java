package io.bactrian.places.openstreetmap;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An element as a place.
 *
 * <p>Its categories are the values of the tags that say what it is, in the words of OpenStreetMap and so in English:
 * {@code amenity=cafe} is {@code Cafe}, {@code shop=yes} is {@code Shop}, and each {@code cuisine} is one too. A place whose
 * only such tags begin with {@code disused:} or the like is closed for good, as is one with {@code opening_hours=off}. Ratings,
 * price levels, owners and Open Location Codes are not known to OpenStreetMap, so they are null.
 *
 * @param country ISO 3166-1 alpha-2 of the location, or null
 */
record ElementPlace(
        Element element, PlaceQuery query, @Nullable String country) {
    /** What says most of a place first. */
    private static final List<String> MAIN_KEYS = List.of(
            "amenity",
            "shop",
            "tourism",
            "leisure",
            "craft",
            "office",
            "healthcare",
            "club",
            "emergency",
            "historic",
            "railway",
            "public_transport",
            "aeroway",
            "man_made",
            "sport",
            "natural",
            "building");

    private static final List<String> GONE = List.of("disused:", "abandoned:", "was:", "demolished:", "removed:");
    private static final Set<String> NUMBER_FIRST =
            Set.of("AU", "CA", "FR", "GB", "IE", "IN", "LU", "MY", "NZ", "PH", "SG", "TH", "US", "ZA");
    private static final int MOST_CATEGORIES = 10;
    private static final Pattern LIST = Pattern.compile(" *; *");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");
    private static final Pattern HOST = Pattern.compile("[^\\s/:@]+\\.[^\\s/:@]{2,}(?:/.*)?");

    /** The place, or null where the element has no name. */
    @Nullable
    Place place(Instant now) {
        String name = name();
        if (name == null) {
            return null;
        }
        String id = element.type() + "/" + element.id();
        List<String> categories = categories("");
        boolean gone = categories.isEmpty()
                && GONE.stream().anyMatch(prefix -> !categories(prefix).isEmpty());
        if (gone) {
            categories = GONE.stream()
                    .flatMap(prefix -> categories(prefix).stream())
                    .distinct()
                    .toList();
        }
        String hours = element.tag("opening_hours");
        boolean never = hours != null && OpeningHoursTag.isNever(hours);
        String countryCode = countryCode();
        return new Place(
                name,
                "https://www.openstreetmap.org/" + id,
                categories.isEmpty() ? null : categories.getFirst(),
                null,
                null,
                null,
                first(element.tag("phone", "contact:phone", "mobile", "contact:mobile")),
                website(element.tag("website", "contact:website", "url")),
                address(countryCode),
                new Place.Coordinates(element.latitude(), element.longitude()),
                gone || never,
                null,
                null,
                countryCode,
                "osm:" + id,
                now,
                hours == null || never ? null : OpeningHoursTag.days(hours, query.language()),
                images(),
                null,
                query.reviews() ? List.of() : null,
                categories,
                null,
                null);
    }

    private @Nullable String name() {
        String language = query.language();
        Locale locale = Locale.forLanguageTag(language);
        return element.tag("name:" + language, "name:" + locale.getLanguage(), "name");
    }

    private List<String> categories(String prefix) {
        Set<String> categories = new LinkedHashSet<>();
        for (String key : MAIN_KEYS) {
            String value = element.tag(prefix + key);
            if (value != null && !value.equals("no")) {
                LIST.splitAsStream(value.equals("yes") ? key : value)
                        .map(ElementPlace::readable)
                        .forEach(categories::add);
            }
        }
        String cuisine = element.tag("cuisine");
        if (cuisine != null && !categories.isEmpty()) {
            LIST.splitAsStream(cuisine).map(ElementPlace::readable).forEach(categories::add);
        }
        categories.remove("");
        return categories.stream().limit(MOST_CATEGORIES).toList();
    }

    /** {@code car_repair} as {@code Car repair}. */
    private static String readable(String value) {
        String words = value.replace('_', ' ').strip();
        if (words.isEmpty()) {
            return words;
        }
        int second = words.offsetByCodePoints(0, 1);
        return words.substring(0, second).toUpperCase(Locale.ROOT) + words.substring(second);
    }

    private @Nullable String countryCode() {
        String own = element.tag("addr:country");
        String code = own == null ? null : Region.countryCode(own);
        return code == null ? country : code;
    }

    private Place.Address address(@Nullable String countryCode) {
        boolean numberFirst = countryCode != null && NUMBER_FIRST.contains(countryCode);
        String number = element.tag("addr:housenumber");
        String road = element.tag("addr:street", "addr:place");
        String street = road == null ? null : numberFirst ? joined(" ", number, road) : joined(" ", road, number);
        String city = element.tag("addr:city", "addr:town", "addr:village", "addr:hamlet");
        String state = element.tag("addr:state", "addr:province");
        String postalCode = element.tag("addr:postcode");
        String full = element.tag("addr:full");
        if (full == null) {
            full = numberFirst
                    ? joined(", ", street, city, joined(" ", state, postalCode))
                    : joined(", ", street, joined(" ", postalCode, city), state);
        }
        return new Place.Address(
                street,
                element.tag("addr:neighbourhood", "addr:suburb", "addr:quarter", "addr:district"),
                city,
                state,
                postalCode,
                full);
    }

    private static @Nullable String joined(String separator, @Nullable String... parts) {
        List<String> known =
                Stream.of(parts).filter(Objects::nonNull).map(String::valueOf).toList();
        return known.isEmpty() ? null : String.join(separator, known);
    }

    private static @Nullable String first(@Nullable String list) {
        if (list == null) {
            return null;
        }
        String first = LIST.split(list, 2)[0].strip();
        return first.isEmpty() ? null : first;
    }

    /** A website as a URL that may be linked to, or null; many write only the host. */
    private static @Nullable String website(@Nullable String tag) {
        String text = first(tag);
        if (text == null) {
            return null;
        }
        if (!SCHEME.matcher(text).matches()) {
            if (!HOST.matcher(text).matches()) {
                return null;
            }
            text = "https://" + text;
        }
        return url(text);
    }

    private static @Nullable String url(String text) {
        try {
            return HttpUrl.parse(text).toString();
        } catch (EgressRefusedException none) {
            return null;
        }
    }

    private @Nullable List<String> images() {
        List<String> images = new ArrayList<>();
        for (String key : List.of("image", "wikimedia_commons")) {
            String value = first(element.tag(key));
            if (value != null) {
                String url = value.startsWith("File:") ? commonsFile(value.substring(5)) : url(value);
                if (url != null && !images.contains(url)) {
                    images.add(url);
                }
            }
        }
        return images.isEmpty() ? null : images;
    }

    /** Where Wikimedia Commons has the picture of that name. */
    private static String commonsFile(String name) {
        String encoded = URLEncoder.encode(name.strip().replace(' ', '_'), StandardCharsets.UTF_8);
        return "https://commons.wikimedia.org/wiki/Special:FilePath/" + encoded;
    }
}
