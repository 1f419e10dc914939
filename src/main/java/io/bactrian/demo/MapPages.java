package io.bactrian.demo;

import static io.bactrian.demo.JsonArrays.array;
import static io.bactrian.demo.JsonArrays.at;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.demo.SamplePlace.Day;
import io.bactrian.demo.SamplePlace.Review;
import io.bactrian.demo.SamplePlace.Status;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jsoup.nodes.Entities;
import org.jspecify.annotations.Nullable;

/** The pages of the sample map as HTML documents, with the marks by which programs find their way on Google Maps. */
final class MapPages {
    private static final String STYLE = """
            body { margin: 0; font: 14px/1.5 Roboto, Arial, sans-serif; color: #202124; background: #a3ccdb; }
            #pane { width: 408px; height: 720px; background: #fff; overflow: hidden; }
            div[role="feed"], div[role="main"] { height: 100%; overflow-y: auto; }
            .Nv2PK { position: relative; height: 128px; padding: 12px 24px; border-bottom: 1px solid #e8eaed; overflow: hidden; }
            .Nv2PK a.hfpxzc { position: absolute; inset: 0; }
            .fontHeadlineSmall { font-size: 16px; }
            .detail, .HlvSq, .Q2vNVc { display: block; padding: 8px 24px; }
            """;

    private MapPages() {}

    static String home() {
        return document("Sample map", MapWords.ENGLISH, "", """
                <p class="detail">A sample map that comes with Bactrian. Its places do not exist.</p>
                <p class="detail"><a href="/maps/search/coffee">Coffee in %s</a></p>
                """.formatted(Gazetteer.CITY));
    }

    static String missing() {
        return document("Not found", MapWords.ENGLISH, "", "<p class=\"detail\">There is no such page.</p>\n");
    }

    /** What is asked of visitors before they see anything. */
    static String consent(String target, MapWords words) {
        return document(
                words.say("Before you continue", "Bevor Sie fortfahren"),
                words,
                "",
                "<h1 class=\"detail\">%s</h1>\n%s%s"
                        .formatted(
                                words.say("Before you continue", "Bevor Sie fortfahren"),
                                consentForm(target, "true", words.say("Reject all", "Alle ablehnen"), words),
                                consentForm(target, "false", words.say("Accept all", "Alle akzeptieren"), words)));
    }

    private static String consentForm(String target, String essentialOnly, String label, MapWords words) {
        return """
                <form action="/consent.google.example/save" method="POST">
                <input type="hidden" name="hl" value="%s">
                <input type="hidden" name="continue" value="%s">
                <input type="hidden" name="set_eom" value="%s">
                <button type="submit" aria-label="%s"><span>%s</span></button>
                </form>
                """.formatted(words.language(), escape(target), essentialOnly, label, label);
    }

    /** What a visitor gets who asked too much. */
    static String blocked(String target) {
        return document("Sorry", MapWords.ENGLISH, "", """
                <form id="captcha-form" action="index" method="post">
                <p class="detail">Our systems have detected unusual traffic from your computer network.</p>
                <input type="hidden" name="continue" value="%s">
                </form>
                """.formatted(escape(target)));
    }

    static String nothingFound(String terms, MapWords words) {
        return document(terms, words, state(array()), """
                <div id="pane"><div role="main" aria-label="%s"><div class="Q2vNVc fontHeadlineSmall">%s</div></div></div>
                """.formatted(
                        escape(words.results(terms)), escape(words.nothingFound(terms))));
    }

    /**
     * A page whose script shows a list.
     *
     * @param segment the search as the path has it
     * @param given whether the path says what part of the map it is about; if not, the script adds it
     */
    static String results(String segment, MapSearch search, boolean given, ArrayNode first, MapWords words) {
        String terms = search.terms();
        MapView view = search.view();
        String setup = JsonNodeFactory.instance
                .objectNode()
                .put("terms", terms)
                .put("language", words.language())
                .put("latitude", view.latitude())
                .put("longitude", view.longitude())
                .put("zoom", view.zoom())
                .put("end", words.endOfList())
                .put(
                        "address",
                        given
                                ? ""
                                : "/maps/search/%s/@%s,%s,%sz/data=!3m1!4b1?entry=ttu&hl=%s"
                                        .formatted(
                                                segment,
                                                view.latitude(),
                                                view.longitude(),
                                                Math.round(view.zoom()),
                                                words.language()))
                .toString()
                .replace("<", "\\u003c");
        return document(
                terms,
                words,
                state(at(2, PlaceArrays.PREFIX + first)) + "<script>window.SAMPLE_MAP=" + setup + ";</script>\n",
                """
                <div id="pane"><div role="feed" aria-label="%s" class="m6QErb DxyBCb" tabindex="-1"></div></div>
                <script>
                %s</script>
                """.formatted(escape(words.results(terms)), MapScript.FEED));
    }

    /** @param address what the page's script makes its address, or empty if it has the right one */
    static String place(SamplePlace place, MapWords words, URI map, String address) {
        String script = address.isEmpty()
                ? ""
                : "<script>history.replaceState(null, '', " + JsonArrays.literal(JsonArrays.node(address))
                        + ");</script>\n";
        return document(
                place.name(),
                words,
                state(place, words, map),
                script + """
                <div id="pane"><div role="main" aria-label="%s" class="m6QErb">
                %s</div></div>
                """.formatted(escape(place.name()), details(place, words)));
    }

    private static String state(SamplePlace place, MapWords words, URI map) {
        String json = PlaceArrays.PREFIX + PlaceArrays.page(place, words, map);
        return switch (place.form()) {
            case COMPLETE, PARTIAL, OLDER -> state(array(null, at(6, json)));
            case MOVED -> state(JsonNodeFactory.instance.objectNode().set("pg", at(5, json)));
            case DOCUMENT_ONLY -> state(array(null, array("", null, null)));
        };
    }

    private static String state(JsonNode fourth) {
        JsonNode state = array(array(array(3281.4, Gazetteer.LONGITUDE, Gazetteer.LATITUDE)), array(), null, fourth);
        return "<script>window.APP_OPTIONS=[];window.APP_INITIALIZATION_STATE=" + JsonArrays.literal(state)
                + ";</script>\n";
    }

    private static String details(SamplePlace place, MapWords words) {
        StringBuilder body = new StringBuilder("<h1 class=\"DUwDvf lfPIob\">%s</h1>\n".formatted(escape(place.name())));
        Integer count = place.reviewCount();
        if (place.rating() != null && count != null) {
            body.append("""
                    <div class="F7nice"><span><span aria-hidden="true">%s</span><span class="ceNzKf" role="img" aria-label="%s"></span></span>\
                    <span><span><span aria-label="%s">(%s)</span></span></span></div>
                    """.formatted(
                            words.rating(place.rating()),
                            words.stars(place.rating()),
                            words.reviews(count),
                            words.count(count)));
        }
        if (place.priceLevel() != null) {
            body.append("<span class=\"mgr77e\"><span role=\"img\" aria-label=\"%s\">%s</span></span>\n"
                    .formatted(words.price(place.priceLevel()), "£".repeat(place.priceLevel())));
        }
        if (!place.categories().isEmpty()) {
            body.append("<button class=\"DkEaL\" jsaction=\"pane.wfvdle.category\">%s</button>\n"
                    .formatted(escape(words.category(place.categories().getFirst()))));
        }
        if (place.status() != Status.OPEN) {
            body.append("<span class=\"fCEvvc\"><span>%s</span></span>\n".formatted(words.status(place)));
        }
        String address = PlaceArrays.fullAddress(place, words);
        body.append(button("address", words.say("Address: ", "Adresse: "), address));
        if (place.website() != null) {
            String host = URI.create(place.website()).getHost().replaceFirst("^www\\.", "");
            body.append(
                    "<a class=\"CsEnBe detail\" data-item-id=\"authority\" href=\"%s\" aria-label=\"%s%s \">%s</a>\n"
                            .formatted(place.website(), "Website: ", host, text(host)));
        }
        if (place.phone() != null) {
            body.append(button(
                    "phone:tel:" + place.phone().replace(" ", ""), words.say("Phone: ", "Telefon: "), place.phone()));
        }
        if (place.plusCode() != null) {
            body.append(button("oloc", "Plus Code: ", place.plusCode().substring(4) + " " + Gazetteer.CITY));
        }
        if (!place.claimed()) {
            body.append("<a class=\"CsEnBe detail\" data-item-id=\"merchant\" href=\"#\" aria-label=\"%s\">%s</a>\n"
                    .formatted(words.claim(), text(words.claim())));
        }
        if (place.hours() != null) {
            body.append(hours(place.hours(), words));
        }
        place.reviews().forEach(review -> body.append(review(review, words)));
        return body.toString();
    }

    private static String button(String id, String label, String value) {
        return "<button class=\"CsEnBe detail\" data-item-id=\"%s\" aria-label=\"%s%s \">%s</button>\n"
                .formatted(escape(id), label, escape(value), text(value));
    }

    private static String text(String value) {
        return "<div class=\"Io6YTe fontBodyMedium\">%s</div>".formatted(escape(value));
    }

    private static String hours(List<Day> days, MapWords words) {
        String rows = IntStream.rangeClosed(1, 7)
                .mapToObj(day ->
                        "<tr class=\"y0skZc\"><td class=\"ylH6lf\"><div>%s</div></td><td class=\"mxowUb\"><ul>%s</ul></td></tr>\n"
                                .formatted(words.day(day), spans(days.get(day - 1), words)))
                .collect(Collectors.joining());
        return "<table class=\"eK4R0e fontBodyMedium detail\"><tbody>\n%s</tbody></table>\n".formatted(rows);
    }

    private static String spans(Day day, MapWords words) {
        List<String> spans = day.spans().isEmpty()
                ? List.of(words.closed())
                : day.spans().stream().map(words::hours).toList();
        return spans.stream().map("<li class=\"G8aQO\">%s</li>"::formatted).collect(Collectors.joining());
    }

    private static String review(Review review, MapWords words) {
        return """
                <div class="jftiEf detail" data-review-id="%s"><div class="d4r55">%s</div>\
                <span class="kvMYJc" role="img" aria-label="%s"></span><span class="wiI7pd">%s</span></div>
                """.formatted(review.id(), escape(review.author()), words.stars(review.rating()), escape(review.text()));
    }

    private static String document(String title, MapWords words, String head, String body) {
        return """
                <!DOCTYPE html>
                <html lang="%s">
                <head>
                <meta charset="utf-8">
                <title>%s</title>
                <style>
                %s</style>
                %s</head>
                <body>
                %s</body>
                </html>
                """.formatted(words.language(), escape(title), STYLE, head, body);
    }

    private static String escape(@Nullable String text) {
        return text == null ? "" : Entities.escape(text);
    }
}
