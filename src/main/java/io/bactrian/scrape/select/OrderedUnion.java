package io.bactrian.scrape.select;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jaxen.Context;
import org.jaxen.JaxenException;
import org.jaxen.expr.Expr;
import org.jaxen.expr.UnionExpr;

/** The union of two node-sets in document order. */
final class OrderedUnion implements UnionExpr {
    private static final long serialVersionUID = 1L;

    private final Expr left;
    private final Expr right;

    OrderedUnion(Expr left, Expr right) {
        this.left = left;
        this.right = right;
    }

    @Override
    public Expr getLHS() {
        return left;
    }

    @Override
    public Expr getRHS() {
        return right;
    }

    @Override
    public String getOperator() {
        return "|";
    }

    @Override
    public String getText() {
        return "union";
    }

    @Override
    @Deprecated
    public Expr simplify() {
        return new OrderedUnion(left.simplify(), right.simplify());
    }

    @Override
    public Object evaluate(Context context) throws JaxenException {
        if (!(left.evaluate(context) instanceof List<?> some) || !(right.evaluate(context) instanceof List<?> others)) {
            throw new JaxenException("only node-sets can be joined by '|'.");
        }
        Set<Object> union = Collections.newSetFromMap(new IdentityHashMap<>());
        union.addAll(some);
        union.addAll(others);
        return OrderedPath.sorted(List.copyOf(union), context.getNavigator());
    }
}
