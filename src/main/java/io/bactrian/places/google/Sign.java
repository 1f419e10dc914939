package io.bactrian.places.google;

import io.bactrian.scrape.browser.SitePage;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a page is recognised by: an element, and what it says.
 *
 * @param texts of which one must be in the element's text, without regard to case; empty for any
 */
record Sign(CssSelector selector, @DefaultValue List<String> texts) {
    Sign {
        Settings.require(selector, "selector");
        texts = List.copyOf(texts);
    }

    boolean isOn(SitePage page) {
        return page.shows(selector.text(), texts);
    }

    static boolean any(List<Sign> signs, SitePage page) {
        return signs.stream().anyMatch(sign -> sign.isOn(page));
    }
}
