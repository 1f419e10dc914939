package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import org.jsoup.nodes.Element;

/** One thing that a query found. */
sealed interface Match {

    record OfElement(Element element) implements Match {}

    record OfText(String text) implements Match {}

    record OfJson(JsonNode json) implements Match {}
}
