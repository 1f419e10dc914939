package io.bactrian.billing;

import io.bactrian.BactrianException;
import java.util.List;
import java.util.Map;

/** Settings of payments that do not go together; the message says what to set. */
public final class BillingKeysException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BillingKeysException(String message) {
        super(message);
    }

    /**
     * Refuses settings of which some are blank.
     *
     * @param prefix of their names
     * @param settings by the rest of their names
     */
    public static void requireAll(String prefix, Map<String, String> settings) {
        List<String> missing = settings.entrySet().stream()
                .filter(setting -> setting.getValue().isBlank())
                .map(setting -> prefix + "." + setting.getKey())
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw new BillingKeysException("%s %s not set, and other settings of %s are: set all, or none."
                    .formatted(String.join(" and ", missing), missing.size() == 1 ? "is" : "are", prefix));
        }
    }
}
