package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compiles {@code config.selectors} and collects what is wrong with it. One compiles one task. */
final class SelectorCompiler {
    private static final String ROOT = "config.selectors";
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");
    private static final int SHOWN_NAME = 64;
    private static final int MAXIMAL_SELECTORS = 100;
    private static final int MAXIMAL_SELECTORS_IN_ALL = 1_000;
    private static final int MAXIMAL_DEPTH = 5;
    private static final int MAXIMAL_VIOLATIONS = 100;

    private final List<Violation> violations = new ArrayList<>();
    private int selectors;

    List<Selection> compile(@Nullable JsonNode node) {
        List<Selection> compiled = compileMembers(node, ROOT, SelectorType.Family.PAGE, 0);
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        return compiled;
    }

    private List<Selection> compileMembers(
            @Nullable JsonNode node, String field, SelectorType.Family family, int depth) {
        List<Selection> compiled = new ArrayList<>();
        if (node == null || !node.isObject()) {
            refuse(field, "Must be an object that gives each selector a name.");
        } else if (node.isEmpty() || node.size() > MAXIMAL_SELECTORS) {
            refuse(field, "Must have 1 to " + MAXIMAL_SELECTORS + " selectors.");
        } else if (depth > MAXIMAL_DEPTH) {
            refuse(field, "Must not be nested deeper than " + MAXIMAL_DEPTH + " levels.");
        } else {
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                if (++selectors > MAXIMAL_SELECTORS_IN_ALL || violations.size() >= MAXIMAL_VIOLATIONS) {
                    break;
                }
                Selection selection = compileMember(member.getKey(), member.getValue(), field, family, depth);
                if (selection != null) {
                    compiled.add(selection);
                }
            }
            if (selectors > MAXIMAL_SELECTORS_IN_ALL && depth == 0) {
                refuse(field, "Must not have more than " + MAXIMAL_SELECTORS_IN_ALL + " selectors with all fields.");
            }
        }
        return compiled;
    }

    private @Nullable Selection compileMember(
            String name, JsonNode node, String parent, SelectorType.Family family, int depth) {
        String field = parent + "." + (name.length() > SHOWN_NAME ? name.substring(0, SHOWN_NAME) + "…" : name);
        if (!NAME.matcher(name).matches()) {
            refuse(
                    field,
                    "Must be named with 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or '_'.");
            return null;
        }
        SelectorForm form = SelectorForm.read(node, field, this::refuse);
        if (form == null) {
            return null;
        }
        int before = violations.size();
        SelectorType type = type(form, field, family);
        if (type == null) {
            return null;
        }
        checkCombinations(form, type, field, family);
        List<Selection> fields = form.fields() == null || type.ofFields() == SelectorType.Family.NONE
                ? List.of()
                : compileMembers(form.fields(), field + ".fields", type.ofFields(), depth + 1);
        try {
            SelectorText text = SelectorText.of(form, type);
            if (type.findsElements() && !hasOneValue(form, text)) {
                refuse(field, "Can have only one of an attribute, 'html' and 'fields'.");
            }
            Query query = text.compile(type, form.fields() != null);
            if (violations.size() > before) {
                return null;
            }
            return new Selection(
                    name, query, projection(form, text), form.all(), form.transforms(), fields, form.missing());
        } catch (SelectorSyntaxException refused) {
            refuse(field, refused.sentence());
            return null;
        }
    }

    private @Nullable SelectorType type(SelectorForm form, String field, SelectorType.Family family) {
        SelectorType type = SelectorType.of(form, family);
        if (type == null) {
            refuse(field + ".type", "Must be one of " + String.join(", ", labels(SelectorType.Family.PAGE)) + ".");
        } else if (!type.isAllowedIn(family)) {
            String allowed = String.join(", ", labels(family));
            refuse(
                    field + ".type",
                    "'" + type.label() + "' cannot be used in these fields: use one of " + allowed + ".");
            return null;
        }
        return type;
    }

    private static Set<String> labels(SelectorType.Family family) {
        Set<String> labels = new TreeSet<>();
        for (SelectorType type : SelectorType.values()) {
            if (type.isAllowedIn(family)) {
                labels.add(type.label());
            }
        }
        return labels;
    }

    private void checkCombinations(SelectorForm form, SelectorType type, String field, SelectorType.Family family) {
        if (!type.findsElements() && form.attribute() != null) {
            refuse(field + ".attribute", "Can only be used with css and xpath selectors.");
        }
        if (!type.findsElements() && form.html()) {
            refuse(field + ".html", "Can only be used with css and xpath selectors.");
        }
        if (type.ofFields() == SelectorType.Family.NONE && form.fields() != null) {
            refuse(field + ".fields", "Cannot be used with " + type.label() + " selectors, which find plain texts.");
        }
        if (form.fields() != null && !form.transforms().isEmpty()) {
            refuse(field + ".transform", "Cannot be used beside 'fields': put it into the fields.");
        }
        if (form.selector().isBlank() && (family == SelectorType.Family.PAGE || type == SelectorType.REGEX)) {
            refuse(field, "Must have a selector that is not empty.");
        }
    }

    private static boolean hasOneValue(SelectorForm form, SelectorText text) {
        boolean attribute = text.attribute() != null;
        boolean fields = form.fields() != null;
        return !(attribute && form.html()) && !(attribute && fields) && !(form.html() && fields);
    }

    private static Projection projection(SelectorForm form, SelectorText text) {
        if (text.attribute() != null) {
            return new Projection.Attribute(text.attribute());
        }
        return form.html() ? new Projection.Html() : new Projection.Text();
    }

    private void refuse(String field, String message) {
        violations.add(new Violation(field, message));
    }
}
