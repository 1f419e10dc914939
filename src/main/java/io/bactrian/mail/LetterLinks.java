package io.bactrian.mail;

import org.jspecify.annotations.Nullable;

/**
 * The links that are added to an e-mail, as absolute URLs.
 *
 * @param confirm where the reader confirms to want e-mail of an account, or null
 * @param unsubscribe where the reader stops it, or null
 */
record LetterLinks(@Nullable String confirm, @Nullable String unsubscribe) {
    static final LetterLinks NONE = new LetterLinks(null, null);
}
