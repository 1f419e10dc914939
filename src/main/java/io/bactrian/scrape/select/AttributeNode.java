package io.bactrian.scrape.select;

import org.jsoup.nodes.Element;

/**
 * An attribute as a node of XPath's data model, which knows its owner and its place among the owner's attributes.
 * Compared by identity, as XPath compares nodes.
 */
final class AttributeNode {
    private final Element owner;
    private final int index;
    private final String name;
    private final String value;

    AttributeNode(Element owner, int index, String name, String value) {
        this.owner = owner;
        this.index = index;
        this.name = name;
        this.value = value;
    }

    Element owner() {
        return owner;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    String value() {
        return value;
    }
}
