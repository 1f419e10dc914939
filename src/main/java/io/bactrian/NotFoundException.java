package io.bactrian;

/** A resource that does not exist, or that belongs to another account and so does not exist for this one. */
public final class NotFoundException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** Names what was not found.
     *
     * @param resource the kind of resource as the documentation names it, such as {@code Task} */
    public NotFoundException(String resource) {
        super(resource + " not found");
    }
}
