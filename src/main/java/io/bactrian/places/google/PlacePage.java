package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.scrape.browser.SitePage;
import org.jspecify.annotations.Nullable;

/**
 * The page of a place as it was had.
 *
 * @param data the array of the place, or null
 * @param html the visible document; empty where the page is another one
 */
record PlacePage(Arrival arrival, String url, @Nullable JsonNode data, String html) {

    /** What is done on the page of a place. */
    static final class Routine {
        private final Site site;
        private final Entrance entrance;
        private final PageData data;

        Routine(Site site, Entrance entrance, PageData data) {
            this.site = site;
            this.entrance = entrance;
            this.data = data;
        }

        PlacePage run(SitePage page) {
            Look look = new Look(page);
            Arrival arrival = entrance.await(page, look::isThere, site.place().patience());
            if (arrival != Arrival.THERE) {
                return new PlacePage(arrival, page.url(), null, "");
            }
            if (look.place == null || lacks(look.place)) {
                page.await(
                        () -> Sign.any(site.place().ready(), page), site.place().rendering());
                page.settle();
                look.isThere();
            }
            return new PlacePage(arrival, page.url(), look.place, page.html());
        }

        private boolean lacks(JsonNode place) {
            FieldValues values = new FieldValues(site, place, null, "");
            return site.place().awaited().stream()
                    .anyMatch(field -> values.list(field, 1, node -> node.isContainerNode() ? null : node, text -> null)
                            .isEmpty());
        }

        /** Looks for the data again and again, but reads the same only once. */
        private final class Look {
            private final SitePage page;
            private @Nullable String seen;
            private @Nullable JsonNode place;

            Look(SitePage page) {
                this.page = page;
            }

            boolean isThere() {
                int longest = (int) site.place().largestData().toBytes();
                @Nullable String variable = page.variable(site.place().variable(), longest);
                if (variable != null && !variable.equals(seen)) {
                    seen = variable;
                    @Nullable JsonNode found = data.place(variable, FeatureId.inUrl(page.url()));
                    place = found == null ? place : found;
                }
                return place != null || Sign.any(site.place().ready(), page);
            }
        }
    }
}
