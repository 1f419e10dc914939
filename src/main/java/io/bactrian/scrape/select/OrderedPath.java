package io.bactrian.scrape.select;

import java.util.ArrayList;
import java.util.List;
import org.jaxen.Context;
import org.jaxen.ContextSupport;
import org.jaxen.JaxenException;
import org.jaxen.Navigator;
import org.jaxen.expr.Expr;
import org.jaxen.expr.LocationPath;
import org.jaxen.expr.Step;

/** A location path of XPath whose result is in document order. */
final class OrderedPath implements LocationPath {
    private static final long serialVersionUID = 1L;

    private final List<Step> steps = new ArrayList<>();
    private final boolean absolute;

    OrderedPath(boolean absolute) {
        this.absolute = absolute;
    }

    @Override
    public void addStep(Step step) {
        steps.add(step);
    }

    @Override
    public List<Step> getSteps() {
        return steps;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public String getText() {
        return "path";
    }

    @Override
    @Deprecated
    public Expr simplify() {
        for (Step step : steps) {
            step.simplify();
        }
        return this;
    }

    @Override
    public Object evaluate(Context context) throws JaxenException {
        ContextSupport support = context.getContextSupport();
        Navigator navigator = support.getNavigator();
        List<?> nodes = context.getNodeSet();
        if (absolute && !nodes.isEmpty()) {
            nodes = List.of(navigator.getDocumentNode(nodes.getFirst()));
        }
        Context ofStep = new Context(support);
        for (Step step : steps) {
            ofStep.setNodeSet(nodes);
            nodes = step.evaluate(ofStep);
        }
        return sorted(nodes, navigator);
    }

    static List<Object> sorted(List<?> nodes, Navigator navigator) {
        List<Object> sorted = new ArrayList<>(nodes);
        if (sorted.size() > 1) {
            sorted.sort(new DocumentOrder(((JsoupNavigator) navigator).budget()));
        }
        return sorted;
    }
}
