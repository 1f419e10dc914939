package io.bactrian.scrape.select;

import java.util.Comparator;
import java.util.Objects;
import org.jsoup.nodes.Node;
import org.jspecify.annotations.Nullable;

/** The order in which nodes begin in the source (XPath 1.0, section 5); attributes follow their element. */
final class DocumentOrder implements Comparator<Object> {
    private final Budget budget;

    DocumentOrder(Budget budget) {
        this.budget = budget;
    }

    @Override
    public int compare(Object left, Object right) {
        budget.charge(1);
        int order = left == right ? 0 : compareNodes(node(left), node(right));
        return order != 0 ? order : Integer.compare(attribute(left), attribute(right));
    }

    private static Node node(Object value) {
        return value instanceof AttributeNode attribute ? attribute.owner() : (Node) value;
    }

    private static int attribute(Object value) {
        return value instanceof AttributeNode attribute ? attribute.index() : -1;
    }

    private static int compareNodes(Node left, Node right) {
        if (left.equals(right)) {
            return 0;
        }
        if (Objects.equals(left.parentNode(), right.parentNode())) {
            return Integer.compare(left.siblingIndex(), right.siblingIndex());
        }
        int leftDepth = depth(left);
        int rightDepth = depth(right);
        Node a = ancestor(left, leftDepth - rightDepth);
        Node b = ancestor(right, rightDepth - leftDepth);
        if (a.equals(b)) {
            return Integer.compare(leftDepth, rightDepth);
        }
        while (true) {
            Node parentOfA = a.parentNode();
            Node parentOfB = b.parentNode();
            if (parentOfA == null || parentOfB == null || parentOfA.equals(parentOfB)) {
                return Integer.compare(a.siblingIndex(), b.siblingIndex());
            }
            a = parentOfA;
            b = parentOfB;
        }
    }

    private static int depth(Node node) {
        int depth = 0;
        for (@Nullable Node above = node.parentNode(); above != null; above = above.parentNode()) {
            depth++;
        }
        return depth;
    }

    private static Node ancestor(Node node, int levels) {
        Node above = node;
        for (int i = 0; i < levels; i++) {
            Node parent = above.parentNode();
            if (parent == null) {
                return above;
            }
            above = parent;
        }
        return above;
    }
}
