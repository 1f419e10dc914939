package io.bactrian.account;

import io.bactrian.InvalidInputException;
import io.bactrian.OutsideText;
import io.bactrian.Violation;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an e-mail, a password and a name must be like. */
final class RegistrationRules {
    private static final int MIN_PASSWORD = 8;
    private static final int MAX_PASSWORD = 128;
    private static final int MAX_NAME = 255;
    private static final int MAX_URL = 2048;

    private RegistrationRules() {}

    /** @throws InvalidInputException with every rule that is broken */
    static void check(String email, String password, @Nullable String name) {
        List<Violation> violations = new ArrayList<>();
        if (!isEmail(email)) {
            violations.add(new Violation("email", "Email must be a valid address, such as user@example.com"));
        }
        int length = password.codePointCount(0, password.length());
        if (length < MIN_PASSWORD) {
            violations.add(new Violation("password", "Password must be at least 8 characters"));
        } else if (length > MAX_PASSWORD) {
            violations.add(new Violation("password", "Password must be at most 128 characters"));
        } else if (!OutsideText.isClean(password)) {
            violations.add(
                    new Violation("password", "Password must not contain the NUL character or half a character"));
        }
        if (name != null && !StoredText.isLine(name, MAX_NAME)) {
            violations.add(new Violation("name", "Name must be one line of at most 255 characters"));
        }
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
    }

    /** @throws InvalidInputException with every rule that is broken */
    static void check(ProfileChange change) {
        List<Violation> violations = new ArrayList<>();
        if (change.name() != null && !StoredText.isLine(change.name(), MAX_NAME)) {
            violations.add(new Violation("full_name", "must be one line of at most 255 characters"));
        }
        if (change.avatarUrl() != null && !isWebAddress(change.avatarUrl())) {
            violations.add(new Violation(
                    "avatar_url",
                    "must be an absolute http or https URL of at most 2048 characters without a password"));
        }
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
    }

    private static boolean isWebAddress(String text) {
        try {
            URI uri = new URI(text);
            return text.length() <= MAX_URL
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
        } catch (URISyntaxException notAUrl) {
            return false;
        }
    }

    /** Whether any account may have that address, so that it is worth looking for. */
    static boolean isEmail(String email) {
        return EmailAddress.isValid(email);
    }

    /** Whether any account may have that password, so that it is worth hashing. */
    static boolean isPassword(String password) {
        int length = password.codePointCount(0, password.length());
        return length >= MIN_PASSWORD && length <= MAX_PASSWORD && OutsideText.isClean(password);
    }
}
