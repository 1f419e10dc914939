package io.bactrian.account;

import java.util.Arrays;
import java.util.Optional;

/** One thing that a credential may be allowed to do, under the name that clients give it. */
public enum Permission {
    TASKS_READ("tasks:read"),
    TASKS_CREATE("tasks:create"),
    TASKS_UPDATE("tasks:update"),
    TASKS_DELETE("tasks:delete"),
    KEYS_MANAGE("keys:manage"),
    BILLING_READ("billing:read"),
    BILLING_MANAGE("billing:manage"),
    ANALYTICS_READ("analytics:read"),
    WEBHOOKS_MANAGE("webhooks:manage"),
    /** Everything but administration, also what later versions add; so it is more than all the others together. */
    ALL("*");

    private final String value;

    Permission(String value) {
        this.value = value;
    }

    /** The name as clients write it, such as {@code tasks:read}. */
    public String value() {
        return value;
    }

    /** The permission of that name, or empty when there is none. */
    static Optional<Permission> of(String value) {
        return Arrays.stream(values())
                .filter(permission -> permission.value.equals(value))
                .findFirst();
    }
}
