package io.bactrian.scrape.select;

import java.util.Locale;
import org.jaxen.JaxenException;
import org.jaxen.JaxenHandler;
import org.jaxen.expr.DefaultXPathFactory;
import org.jaxen.expr.Expr;
import org.jaxen.expr.LocationPath;
import org.jaxen.expr.UnionExpr;
import org.jaxen.saxpath.Axis;
import org.jaxen.saxpath.SAXPathException;
import org.jaxen.saxpath.base.XPathReader;
import org.jspecify.annotations.Nullable;

/** Parses XPath 1.0 into expressions of Jaxen, refusing what could never be evaluated here. */
final class XpathReader extends JaxenHandler {
    private final boolean xml;

    private XpathReader(boolean xml) {
        this.xml = xml;
        setXPathFactory(new Factory());
    }

    /**
     * Parses an expression.
     *
     * @param xml whether names keep their case and are not those of HTML
     */
    static Expr parse(String xpath, boolean xml) throws SAXPathException {
        XpathReader handler = new XpathReader(xml);
        XPathReader reader = new XPathReader();
        reader.setXPathHandler(handler);
        reader.parse(xpath);
        return handler.getXPathExpr().getRootExpr();
    }

    @Override
    public void startNameStep(int axis, @Nullable String prefix, String localName) throws JaxenException {
        if (axis == Axis.NAMESPACE) {
            throw new JaxenException("the namespace axis is not supported.");
        }
        boolean prefixed = prefix != null && !prefix.isEmpty();
        if (prefixed && localName.equals("*")) {
            throw new JaxenException("names with a wildcard after a prefix are not supported.");
        }
        String name = prefixed ? prefix + ":" + localName : localName;
        super.startNameStep(axis, "", xml ? name : name.toLowerCase(Locale.ROOT));
    }

    @Override
    public void variableReference(@Nullable String prefix, String name) throws JaxenException {
        throw new JaxenException("there is no variable $" + name + ".");
    }

    @Override
    public void startFunction(@Nullable String prefix, String name) throws JaxenException {
        boolean prefixed = prefix != null && !prefix.isEmpty();
        try {
            if (!prefixed) {
                XpathFunctions.INSTANCE.getFunction(null, null, name);
            }
        } catch (JaxenException unknown) {
            throw new JaxenException("there is no function " + name + "().", unknown);
        }
        if (prefixed) {
            throw new JaxenException("there is no function " + prefix + ":" + name + "().");
        }
        super.startFunction(prefix, name);
    }

    /** Replaces Jaxen's sorting, which walks all following siblings to compare two of them. */
    private static final class Factory extends DefaultXPathFactory {
        @Override
        public LocationPath createRelativeLocationPath() {
            return new OrderedPath(false);
        }

        @Override
        public LocationPath createAbsoluteLocationPath() {
            return new OrderedPath(true);
        }

        @Override
        public UnionExpr createUnionExpr(Expr left, Expr right) {
            return new OrderedUnion(left, right);
        }
    }
}
