package io.bactrian.account;

import io.bactrian.BactrianException;

/** A valid credential that lacks a permission. */
public final class PermissionDeniedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final Permission permission;

    public PermissionDeniedException(Permission permission) {
        this(
                permission,
                "This needs the permission '%s', which the credential does not have.".formatted(permission.value()));
    }

    /** @param message what the reader can do about it */
    public PermissionDeniedException(Permission permission, String message) {
        super(message);
        this.permission = permission;
    }

    /** The permission that is missing. */
    public Permission permission() {
        return permission;
    }
}
