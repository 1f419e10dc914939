package io.bactrian.task;

import java.util.UUID;

/** Asks for the admission of an account's pending tasks. */
record AdmissionRequest(UUID account) {}
