package io.bactrian.account;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The permissions of one credential. */
public record Permissions(Set<Permission> granted) {
    /** What JSON Web Tokens and {@code msk_} keys have: everything but administration, which is no permission. */
    public static final Permissions UNRESTRICTED = of(Permission.ALL);

    public Permissions {
        Set<Permission> copy = EnumSet.noneOf(Permission.class);
        copy.addAll(granted);
        granted = Collections.unmodifiableSet(copy);
    }

    public static Permissions of(Permission... granted) {
        return new Permissions(Set.of(granted));
    }

    /** Reads stored names; one that this version does not know grants nothing. */
    static Permissions ofValues(Collection<String> values) {
        Set<Permission> granted = EnumSet.noneOf(Permission.class);
        values.forEach(value -> Permission.of(value).ifPresent(granted::add));
        return new Permissions(granted);
    }

    public boolean allow(Permission permission) {
        return granted.contains(permission) || granted.contains(Permission.ALL);
    }

    /**
     * Lets only those pass that have the permission.
     *
     * @throws PermissionDeniedException if it is missing
     */
    public void require(Permission permission) {
        if (!allow(permission)) {
            throw new PermissionDeniedException(permission);
        }
    }

    /** The names, in the order of the documentation. */
    public List<String> values() {
        return granted.stream().map(Permission::value).toList();
    }
}
