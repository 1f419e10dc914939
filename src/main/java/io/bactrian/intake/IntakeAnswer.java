package io.bactrian.intake;

/**
 * What a message is answered.
 *
 * @param status the HTTP status that its request would have had
 * @param body JSON text
 * @param understood whether it was known what it asks for
 * @param reason why it was refused; empty where it was not
 */
public record IntakeAnswer(int status, String body, boolean understood, String reason) {
    boolean refused() {
        return !reason.isEmpty();
    }
}
