package io.bactrian.places.google;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What the site's pages look like, as its file says; {@link SiteFile} reads it.
 *
 * @param fields where each field of a place is
 */
record Site(
        Consent consent,
        Blocked blocked,
        Search search,
        Grid grid,
        PlacePage place,
        Closed closed,
        Map<Field, FieldSources> fields,
        HoursSources hours,
        ReviewSources reviews) {

    Site {
        Settings.require(consent, "consent");
        Settings.require(blocked, "blocked");
        Settings.require(search, "search");
        Settings.require(grid, "grid");
        Settings.require(place, "place");
        Settings.require(closed, "closed");
        Settings.require(fields, "fields");
        Settings.require(hours, "hours");
        Settings.require(reviews, "reviews");
        fields = Map.copyOf(fields);
        Set<Field> known = fields.keySet();
        String missing = Arrays.stream(Field.values())
                .filter(field -> !known.contains(field))
                .map(field -> "fields." + field.key())
                .collect(Collectors.joining(", "));
        Settings.require(missing.isEmpty(), missing + " must be there.");
    }

    /**
     * The page that asks whether one agrees to something.
     *
     * @param buttons the first that is there is clicked, so those that decline come first
     */
    record Consent(
            @DefaultValue List<Sign> signs, @DefaultValue List<CssSelector> buttons) {
        Consent {
            signs = List.copyOf(signs);
            buttons = List.copyOf(buttons);
            Settings.require(signs.isEmpty() || !buttons.isEmpty(), "buttons must say what is clicked.");
        }
    }

    /**
     * The page that stands for all others when the site does not serve us any more.
     *
     * @param urls beginnings of its path
     */
    record Blocked(
            @DefaultValue List<String> urls, @DefaultValue List<Sign> signs) {
        Blocked {
            urls = List.copyOf(urls);
            signs = List.copyOf(signs);
            Settings.require(urls.stream().noneMatch(String::isBlank), "urls must not be blank.");
        }

        boolean at(String url) {
            return Texts.isAt(url, urls);
        }
    }

    /**
     * The page of a search's results.
     *
     * @param timeout the longest that it may take
     * @param patience how long it is waited for results
     * @param saturation so many results mean that there are more than the site shows
     * @param mostScrolls how often the feed is scrolled
     * @param idleScrolls how often it is scrolled without growing before it counts as ended
     * @param end the end of the feed
     * @param nothing that there are no results
     */
    record Search(
            Duration timeout,
            Duration patience,
            int saturation,
            int mostScrolls,
            int idleScrolls,
            CssSelector feed,
            CssSelector links,
            @DefaultValue List<Sign> end,
            @DefaultValue List<Sign> nothing) {
        Search {
            Settings.require(timeout, "timeout");
            Settings.require(patience, "patience");
            Settings.require(feed, "feed");
            Settings.require(links, "links");
            Settings.require(saturation > 0, "saturation must be at least 1.");
            Settings.require(mostScrolls > 0 && mostScrolls <= 1000, "most-scrolls must be from 1 to 1000.");
            Settings.require(idleScrolls > 0, "idle-scrolls must be at least 1.");
            end = List.copyOf(end);
            nothing = List.copyOf(nothing);
        }
    }

    /**
     * How the map is divided where one search does not give all.
     *
     * @param width of the map that a page shows, in pixels
     * @param firstZoom of the part that is divided first, where its page does not say it
     * @param deepestZoom of the smallest parts
     * @param depth how often a part is divided again
     * @param fewest results that a part must have to be divided
     */
    record Grid(int width, int height, double firstZoom, double deepestZoom, int depth, int fewest) {
        Grid {
            Settings.require(width > 0 && height > 0, "width and height must be at least 1.");
            Settings.require(firstZoom >= 1 && firstZoom <= 21, "first-zoom must be from 1 to 21.");
            Settings.require(deepestZoom >= 1 && deepestZoom <= 21, "deepest-zoom must be from 1 to 21.");
            Settings.require(depth >= 0 && depth <= 10, "depth must be from 0 to 10.");
            Settings.require(fewest > 0, "fewest must be at least 1.");
        }
    }

    /**
     * The page of a place.
     *
     * @param timeout the longest that it may take
     * @param patience how long it is waited for the place
     * @param rendering how long it is waited for the visible document, where the data lacks an awaited field
     * @param urls beginnings of the paths of such pages
     * @param ready that the visible document is there
     * @param variable of the page's scripts that has its data, with the members on the way
     * @param prefix that the text of the data begins with
     * @param largestData what the variable may have
     * @param places where the array of the place is in the data
     * @param awaited the fields that the visible document is waited for where the data lacks one
     */
    record PlacePage(
            Duration timeout,
            Duration patience,
            Duration rendering,
            List<String> urls,
            List<Sign> ready,
            List<String> variable,
            @DefaultValue("") String prefix,
            DataSize largestData,
            List<IndexPath> places,
            @DefaultValue Set<Field> awaited,
            int mostImages) {
        PlacePage {
            Settings.require(timeout, "timeout");
            Settings.require(patience, "patience");
            Settings.require(rendering, "rendering");
            Settings.require(urls, "urls");
            Settings.require(ready, "ready");
            Settings.require(variable, "variable");
            Settings.require(largestData, "largest-data");
            Settings.require(places, "places");
            Settings.require(!urls.isEmpty() && urls.stream().noneMatch(String::isBlank), "urls must say something.");
            Settings.require(!variable.isEmpty(), "variable must name a variable.");
            Settings.require(
                    largestData.toBytes() > 0 && largestData.toBytes() <= 16 << 20, "largest-data must be up to 16MB.");
            Settings.require(mostImages >= 0 && mostImages <= 1000, "most-images must be from 0 to 1000.");
            places.forEach(path -> path.requireRoot("page"));
            urls = List.copyOf(urls);
            ready = List.copyOf(ready);
            variable = List.copyOf(variable);
            places = List.copyOf(places);
            awaited = Set.copyOf(awaited);
        }

        boolean at(String url) {
            return Texts.isAt(url, urls);
        }
    }

    /** What the status of a place says when it is closed, in any language. */
    record Closed(List<String> permanently, List<String> temporarily) {
        Closed {
            Settings.require(permanently, "permanently");
            Settings.require(temporarily, "temporarily");
            permanently = List.copyOf(permanently);
            temporarily = List.copyOf(temporarily);
        }
    }

    FieldSources sources(Field field) {
        FieldSources sources = fields.get(field);
        if (sources == null) {
            throw new IllegalStateException("No sources of " + field.key());
        }
        return sources;
    }
}
