package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jaxen.Context;
import org.jaxen.ContextSupport;
import org.jaxen.JaxenException;
import org.jaxen.SimpleNamespaceContext;
import org.jaxen.SimpleVariableContext;
import org.jaxen.expr.Expr;
import org.jaxen.saxpath.SAXPathException;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Comment;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.TextNode;
import org.jspecify.annotations.Nullable;

/**
 * An XPath 1.0 expression, evaluated by Jaxen over jsoup's nodes.
 *
 * <p>As a field, absolute paths begin at the matched element too. Text nodes give their normalised text, blank ones are
 * left out. A number, boolean or string gives just that; a number that is none (NaN) gives null.
 */
final class XpathQuery implements Query {
    private static final String TRIAL = "<html><body id='a'><p class='b'>1<a href='c'>d</a><!--e--></p></body></html>";

    private final Expr html;
    private final Expr xml;

    private XpathQuery(Expr html, Expr xml) {
        this.html = html;
        this.xml = xml;
    }

    static XpathQuery compile(String xpath) throws SelectorSyntaxException {
        try {
            XpathQuery query = new XpathQuery(XpathReader.parse(xpath, false), XpathReader.parse(xpath, true));
            // Wrong numbers of arguments and wrong types show only when evaluated.
            query.evaluate(Jsoup.parse(TRIAL), false, new Budget());
            return query;
        } catch (SAXPathException refused) {
            throw SelectorSyntaxException.refused(xpath, "XPath", refused.getMessage());
        } catch (ExtractionException | StackOverflowError tooMuch) {
            throw SelectorSyntaxException.refused(xpath, "XPath", "it is too complex.");
        } catch (RuntimeException refused) {
            throw SelectorSyntaxException.refused(xpath, "XPath", null);
        }
    }

    @Override
    public List<Match> matches(Scope scope, Wanted wanted) {
        Element root = scope.markup();
        if (root == null) {
            return List.of();
        }
        try {
            Object result = evaluate(root, scope.page().isXml(), scope.budget());
            if (!(result instanceof List<?> nodes)) {
                return List.of(scalar(result));
            }
            List<Match> matches = new ArrayList<>();
            for (Object node : nodes) {
                Match match = match(node);
                if (match != null) {
                    matches.add(match);
                    if (wanted == Wanted.FIRST) {
                        break;
                    }
                }
            }
            return matches;
        } catch (JaxenException failed) {
            throw new ExtractionException("the XPath cannot be evaluated on this page: " + failed.getMessage(), failed);
        }
    }

    private Object evaluate(Element root, boolean isXml, Budget budget) throws JaxenException {
        JsoupNavigator navigator = new JsoupNavigator(root, isXml, budget);
        Context context = new Context(new ContextSupport(
                new SimpleNamespaceContext(), XpathFunctions.INSTANCE, new SimpleVariableContext(), navigator));
        context.setNodeSet(List.of(root));
        return (isXml ? xml : html).evaluate(context);
    }

    private static @Nullable Match match(Object node) {
        return switch (node) {
            case Element element -> new Match.OfElement(element);
            case AttributeNode attribute -> new Match.OfText(attribute.value());
            case TextNode text ->
                text.isBlank() ? null : new Match.OfText(text.text().strip());
            case DataNode data ->
                data.getWholeData().isBlank()
                        ? null
                        : new Match.OfText(data.getWholeData().strip());
            case Comment comment -> new Match.OfText(comment.getData().strip());
            default -> null;
        };
    }

    private static Match scalar(Object value) {
        return switch (value) {
            case String text -> new Match.OfText(text);
            case Boolean bool -> new Match.OfJson(BooleanNode.valueOf(bool));
            case Number number -> new Match.OfJson(number(number.doubleValue()));
            default -> new Match.OfJson(NullNode.getInstance());
        };
    }

    private static JsonNode number(double number) {
        if (!Double.isFinite(number)) {
            return NullNode.getInstance();
        }
        BigDecimal decimal = BigDecimal.valueOf(number);
        boolean integral = number == Math.rint(number) && Math.abs(number) < 1e15;
        return DecimalNode.valueOf(integral ? BigDecimal.valueOf((long) number) : decimal);
    }
}
