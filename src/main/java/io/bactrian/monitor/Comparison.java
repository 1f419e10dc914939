package io.bactrian.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How two values of a selector are compared.
 *
 * <p>Two that are numbers, or texts that wholly are ({@link Price}), differ by their relative change, which must reach the
 * threshold. All others differ or do not: texts by what they read, lists in their order or as sets, objects field by field. Numbers
 * within lists and objects differ by their value, and prices there are texts.
 *
 * @param threshold the relative change from which on a number has changed; 0 for any
 * @param asSets whether the order of lists and what is in them twice do not matter
 */
record Comparison(BigDecimal threshold, boolean asSets) {
    private static final MathContext DIGITS = new MathContext(12, RoundingMode.HALF_EVEN);

    /** How two values differ. */
    enum Verdict {
        /** Not at all. */
        SAME,
        /** By less than the threshold. */
        SMALL,
        /** They do. */
        CHANGED
    }

    /**
     * What came of a comparison.
     *
     * @param difference the relative change of a number, such as 0.05; null for all else, and where the old number is 0
     */
    record Result(Verdict verdict, @Nullable BigDecimal difference) {}

    private static final Result SAME = new Result(Verdict.SAME, null);

    /** Whether a selector has found nothing. */
    static boolean isMissing(JsonNode value) {
        return value.isNull() || value.isMissingNode() || (value.isArray() && value.isEmpty());
    }

    Result compare(JsonNode old, JsonNode current) {
        Optional<Price> before = number(old);
        Optional<Price> now = number(current);
        if (before.isPresent()
                && now.isPresent()
                && before.get().unit().isLike(now.get().unit())) {
            return compare(before.get().value(), now.get().value());
        }
        return canonical(old).equals(canonical(current)) ? SAME : new Result(Verdict.CHANGED, null);
    }

    private Result compare(BigDecimal old, BigDecimal current) {
        BigDecimal change = current.subtract(old);
        if (change.signum() == 0) {
            return SAME;
        }
        if (old.signum() == 0) {
            return new Result(Verdict.CHANGED, null);
        }
        boolean enough = change.abs().compareTo(old.abs().multiply(threshold)) >= 0;
        return new Result(enough ? Verdict.CHANGED : Verdict.SMALL, change.divide(old.abs(), DIGITS));
    }

    private static Optional<Price> number(JsonNode value) {
        if (isFinite(value)) {
            return Optional.of(new Price(value.decimalValue(), Unit.NONE));
        }
        return value.isTextual() ? Price.parse(value.textValue()) : Optional.empty();
    }

    /** Whether it is a number that a page can mean; 1e999 is none. */
    private static boolean isFinite(JsonNode value) {
        return value.isNumber() && Double.isFinite(value.doubleValue());
    }

    /** A text that two values have in common if and only if they are the same. */
    private String canonical(JsonNode value) {
        if (value.isTextual()) {
            return quoted(PlainText.of(value.textValue()));
        }
        if (isFinite(value)) {
            return value.decimalValue().stripTrailingZeros().toString();
        }
        if (value.isArray()) {
            List<String> elements = new ArrayList<>();
            value.forEach(element -> elements.add(canonical(element)));
            Collection<String> compared = asSets ? new TreeSet<>(elements) : elements;
            return "[" + String.join(",", compared) + "]";
        }
        if (value.isObject()) {
            Map<String, String> fields = new TreeMap<>();
            value.properties().forEach(field -> fields.put(quoted(field.getKey()), canonical(field.getValue())));
            return fields.entrySet().stream()
                    .map(field -> field.getKey() + ":" + field.getValue())
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return value.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
