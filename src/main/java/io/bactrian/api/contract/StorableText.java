package io.bactrian.api.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.OutsideText;
import io.bactrian.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds text that JSON allows but that cannot be stored or written back: the character U+0000, which PostgreSQL refuses, and
 * halves of surrogate pairs, which have no form in UTF-8.
 */
final class StorableText {
    private static final String MESSAGE = "must not contain the character U+0000 or half of a surrogate pair";

    private StorableText() {}

    /** At most {@link CompiledSchema#MAX_VIOLATIONS} violations. */
    static List<Violation> check(JsonNode body) {
        List<Violation> violations = new ArrayList<>();
        check(body, "", violations);
        return violations;
    }

    static Violation violation(String field) {
        return new Violation(field, MESSAGE);
    }

    private static void check(JsonNode node, String path, List<Violation> violations) {
        if (violations.size() >= CompiledSchema.MAX_VIOLATIONS) {
            return;
        }
        if (node.isTextual()) {
            if (!OutsideText.isClean(node.textValue())) {
                violations.add(violation(path));
            }
        } else if (node.isArray()) {
            for (int index = 0; index < node.size(); index++) {
                check(node.get(index), FieldPath.element(path, index), violations);
            }
        } else {
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                String memberPath = FieldPath.member(path, member.getKey());
                if (!OutsideText.isClean(member.getKey())) {
                    violations.add(violation(memberPath));
                }
                check(member.getValue(), memberPath, violations);
            }
        }
    }
}
