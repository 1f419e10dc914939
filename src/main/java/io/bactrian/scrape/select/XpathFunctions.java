package io.bactrian.scrape.select;

import java.util.List;
import org.jaxen.Context;
import org.jaxen.Function;
import org.jaxen.FunctionCallException;
import org.jaxen.FunctionContext;
import org.jaxen.UnresolvableException;
import org.jaxen.XPathFunctionContext;
import org.jaxen.function.LocalNameFunction;
import org.jaxen.function.ext.EndsWithFunction;
import org.jaxen.function.ext.LowerFunction;
import org.jaxen.function.ext.UpperFunction;
import org.jspecify.annotations.Nullable;

/**
 * The functions of XPath 1.0 and, of XPath 2.0, {@code ends-with}, {@code lower-case} and {@code upper-case}; each charges
 * for the texts that it takes and gives. Nothing that reads other documents or evaluates texts is among them.
 */
final class XpathFunctions implements FunctionContext {
    static final XpathFunctions INSTANCE = new XpathFunctions();

    private final XPathFunctionContext functions = new XPathFunctionContext(false);

    private XpathFunctions() {
        functions.registerFunction(null, "ends-with", new EndsWithFunction());
        functions.registerFunction(null, "lower-case", new LowerFunction());
        functions.registerFunction(null, "upper-case", new UpperFunction());
        functions.registerFunction(null, "local-name", new LocalName());
    }

    @Override
    public Function getFunction(@Nullable String namespace, @Nullable String prefix, String name)
            throws UnresolvableException {
        return new Metered(functions.getFunction(null, null, name));
    }

    // Jaxen's interface has a raw list, which only a raw list overrides.
    @SuppressWarnings("rawtypes")
    private record Metered(Function function) implements Function {
        @Override
        public @Nullable Object call(Context context, List arguments) throws FunctionCallException {
            JsoupNavigator navigator = (JsoupNavigator) context.getNavigator();
            for (Object argument : arguments) {
                charge(navigator, argument);
            }
            Object result = function.call(context, arguments);
            charge(navigator, result);
            return result;
        }

        private static void charge(JsoupNavigator navigator, @Nullable Object value) {
            navigator.chargeText(value instanceof String text ? text.length() : 0);
        }
    }

    /** The name without the prefix, which our navigator leaves in place. */
    private static final class LocalName extends LocalNameFunction {
        // As above: the raw list of the interface.
        @SuppressWarnings("rawtypes")
        @Override
        public Object call(Context context, List arguments) throws FunctionCallException {
            String name = (String) super.call(context, arguments);
            return name.substring(name.indexOf(':') + 1);
        }
    }
}
