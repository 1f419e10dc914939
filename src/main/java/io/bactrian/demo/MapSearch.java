package io.bactrian.demo;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a search of the sample map finds.
 *
 * @param found the places that are nearest to the middle of the view, nearest first
 */
record MapSearch(String terms, MapView view, List<SamplePlace> found) {
    static final int PAGE_SIZE = 20;
    static final MapView WHOLE_CITY = new MapView(Gazetteer.LATITUDE, Gazetteer.LONGITUDE, 12);

    private static final Pattern LONGITUDE = Pattern.compile("!2d(-?[0-9.]{1,20})");
    private static final Pattern LATITUDE = Pattern.compile("!3d(-?[0-9.]{1,20})");
    private static final Pattern ZOOM = Pattern.compile("!4f([0-9.]{1,8})");
    private static final Pattern COUNT = Pattern.compile("!7i(\\d{1,3})");
    private static final Pattern OFFSET = Pattern.compile("!8i(\\d{1,5})");

    static MapSearch of(List<SamplePlace> places, String terms, MapView view) {
        Set<String> meant = PlaceKind.ALL.stream()
                .filter(kind -> kind.isMeantBy(terms))
                .map(PlaceKind::term)
                .collect(Collectors.toSet());
        return new MapSearch(
                terms,
                view,
                places.stream()
                        .filter(place -> meant.contains(place.term()) && view.shows(place))
                        .sorted(Comparator.comparingDouble(view::distance).thenComparingInt(SamplePlace::number))
                        .limit(SampleMap.MOST_RESULTS)
                        .toList());
    }

    List<SamplePlace> firstPart() {
        return found.stream().limit(PAGE_SIZE).toList();
    }

    /**
     * A part of the list.
     *
     * @param where the parameter {@code pb}, which names the middle and the zoom of the view, and the part
     */
    static List<SamplePlace> part(List<SamplePlace> places, String terms, String where) {
        MapView view = new MapView(
                number(LATITUDE, where, WHOLE_CITY.latitude()),
                number(LONGITUDE, where, WHOLE_CITY.longitude()),
                number(ZOOM, where, WHOLE_CITY.zoom()));
        return of(places, terms, view).found().stream()
                .skip((long) number(OFFSET, where, 0))
                .limit((long) number(COUNT, where, PAGE_SIZE))
                .toList();
    }

    private static double number(Pattern pattern, String text, double otherwise) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            return otherwise;
        }
        try {
            return Double.parseDouble(matcher.group(1));
        } catch (NumberFormatException notOne) {
            return otherwise;
        }
    }
}
