package io.bactrian.scrape.select;

import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.select.NodeTraversor;

/**
 * What decides over the cost of a CSS selector on a page.
 *
 * @param elements how many elements the page has
 * @param widest the most children that one element has
 */
record PageShape(int elements, int widest) {
    static final PageShape EMPTY = new PageShape(0, 0);

    static PageShape of(Document document) {
        int[] counts = new int[2];
        NodeTraversor.traverse(
                (node, depth) -> {
                    if (node instanceof Element) {
                        counts[0]++;
                        counts[1] = Math.max(counts[1], node.childNodeSize());
                    }
                },
                document);
        return new PageShape(counts[0], counts[1]);
    }
}
