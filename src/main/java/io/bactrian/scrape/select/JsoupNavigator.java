package io.bactrian.scrape.select;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;
import org.jaxen.BaseXPath;
import org.jaxen.DefaultNavigator;
import org.jaxen.XPath;
import org.jaxen.saxpath.SAXPathException;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Comment;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.CombiningEvaluator;
import org.jsoup.select.Evaluator;
import org.jsoup.select.NodeTraversor;
import org.jspecify.annotations.Nullable;

/**
 * Shows jsoup's nodes to Jaxen, without a copy, and charges for every visit. One serves one evaluation.
 *
 * <p>Names carry their prefix as written and belong to no namespace. In HTML they are in lower case. Contents of
 * {@code script} and {@code style} are text. The root of absolute paths is the element that the evaluation starts at.
 */
final class JsoupNavigator extends DefaultNavigator {
    private static final long serialVersionUID = 1L;

    private final Element root;
    private final boolean xml;
    private final Budget budget;
    private final Map<Element, List<AttributeNode>> attributes = new HashMap<>();

    JsoupNavigator(Element root, boolean xml, Budget budget) {
        this.root = root;
        this.xml = xml;
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    void chargeText(int length) {
        budget.chargeText(length);
    }

    @Override
    public Iterator<Node> getChildAxisIterator(Object node) {
        return node instanceof Element element
                ? new Siblings(element.firstChild(), Node::nextSibling)
                : Collections.emptyIterator();
    }

    @Override
    public Iterator<Node> getFollowingSiblingAxisIterator(Object node) {
        return node instanceof Node start
                ? new Siblings(start.nextSibling(), Node::nextSibling)
                : Collections.emptyIterator();
    }

    @Override
    public Iterator<Node> getPrecedingSiblingAxisIterator(Object node) {
        return node instanceof Node start
                ? new Siblings(start.previousSibling(), Node::previousSibling)
                : Collections.emptyIterator();
    }

    @Override
    public Iterator<Node> getParentAxisIterator(Object node) {
        Node parent = getParentNode(node);
        return parent == null ? Collections.emptyIterator() : List.of(parent).iterator();
    }

    @Override
    public @Nullable Node getParentNode(Object node) {
        budget.charge(1);
        if (node instanceof AttributeNode attribute) {
            return attribute.owner();
        }
        return node instanceof Node child ? child.parentNode() : null;
    }

    @Override
    public Iterator<AttributeNode> getAttributeAxisIterator(Object node) {
        return node instanceof Element element && element.attributesSize() > 0
                ? attributes.computeIfAbsent(element, this::attributesOf).iterator()
                : Collections.emptyIterator();
    }

    private List<AttributeNode> attributesOf(Element element) {
        List<AttributeNode> nodes = new ArrayList<>(element.attributesSize());
        for (Attribute attribute : element.attributes()) {
            budget.charge(2);
            nodes.add(new AttributeNode(element, nodes.size(), name(attribute.getKey()), attribute.getValue()));
        }
        return nodes;
    }

    private String name(String written) {
        return xml ? written : written.toLowerCase(Locale.ROOT);
    }

    @Override
    public Object getDocumentNode(Object node) {
        return root;
    }

    @Override
    public @Nullable Object getElementById(Object node, String id) {
        return root.selectFirst(new CombiningEvaluator.And(
                List.of(new CssQuery.Meter(budget, CssTraits.of("")), new Evaluator.Id(id))));
    }

    @Override
    public String getElementNamespaceUri(Object element) {
        return "";
    }

    @Override
    public String getElementName(Object element) {
        return xml ? ((Element) element).tagName() : ((Element) element).normalName();
    }

    @Override
    public String getElementQName(Object element) {
        return getElementName(element);
    }

    @Override
    public String getAttributeNamespaceUri(Object attribute) {
        return "";
    }

    @Override
    public String getAttributeName(Object attribute) {
        return ((AttributeNode) attribute).name();
    }

    @Override
    public String getAttributeQName(Object attribute) {
        return getAttributeName(attribute);
    }

    @Override
    public boolean isDocument(Object node) {
        return node instanceof Document;
    }

    @Override
    public boolean isElement(Object node) {
        return node instanceof Element && !(node instanceof Document);
    }

    @Override
    public boolean isAttribute(Object node) {
        return node instanceof AttributeNode;
    }

    @Override
    public boolean isNamespace(Object node) {
        return false;
    }

    @Override
    public boolean isComment(Object node) {
        return node instanceof Comment;
    }

    @Override
    public boolean isText(Object node) {
        return node instanceof TextNode || node instanceof DataNode;
    }

    @Override
    public boolean isProcessingInstruction(Object node) {
        return false;
    }

    @Override
    public String getCommentStringValue(Object comment) {
        return charged(((Comment) comment).getData());
    }

    @Override
    public String getElementStringValue(Object element) {
        StringBuilder text = new StringBuilder();
        NodeTraversor.traverse(
                (node, depth) -> {
                    budget.charge(1);
                    if (isText(node)) {
                        text.append(getTextStringValue(node));
                    }
                },
                (Element) element);
        return text.toString();
    }

    @Override
    public String getAttributeStringValue(Object attribute) {
        return charged(((AttributeNode) attribute).value());
    }

    @Override
    public String getTextStringValue(Object text) {
        return charged(text instanceof TextNode node ? node.getWholeText() : ((DataNode) text).getWholeData());
    }

    private String charged(String text) {
        chargeText(text.length());
        return text;
    }

    @Override
    public String getNamespaceStringValue(Object namespace) {
        return "";
    }

    @Override
    public String getNamespacePrefix(Object namespace) {
        return "";
    }

    @Override
    public XPath parseXPath(String expression) throws SAXPathException {
        return new BaseXPath(expression, this);
    }

    /** The nodes of XPath's data model among siblings. */
    private final class Siblings implements Iterator<Node> {
        private final UnaryOperator<@Nullable Node> step;
        private @Nullable Node next;

        Siblings(@Nullable Node first, UnaryOperator<@Nullable Node> step) {
            this.step = step;
            this.next = first;
            skip();
        }

        private void skip() {
            while (next != null && !(next instanceof Element || isText(next) || next instanceof Comment)) {
                next = step.apply(next);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Node next() {
            Node current = next;
            if (current == null) {
                throw new NoSuchElementException();
            }
            budget.charge(1);
            next = step.apply(current);
            skip();
            return current;
        }
    }
}
