package io.bactrian;

/** A failure that says nothing about the work at which it happened, such as a browser's that does not start. */
public interface Blameless {}
