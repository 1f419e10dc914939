package io.bactrian;

import java.util.List;

/** Input from outside that breaks the contract, with every violation found. */
public final class InvalidInputException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    public InvalidInputException(List<Violation> violations) {
        super(
                violations.isEmpty()
                        ? "The request is not valid."
                        : violations.getFirst().message());
        this.violations = List.copyOf(violations);
    }

    public InvalidInputException(String field, String message) {
        this(List.of(new Violation(field, message)));
    }

    /** The violations in the order of their discovery, at least one. */
    public List<Violation> violations() {
        return violations;
    }
}
