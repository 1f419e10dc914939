package io.bactrian.api.contract;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The query and header parameters of a request, checked, in the types of the document and with its defaults.
 *
 * <p>Asking for a parameter that the operation does not declare is a defect of the caller and throws
 * {@link IllegalArgumentException}.
 */
public final class Parameters {
    private final Set<String> declared;
    private final Map<String, Object> values;

    Parameters(List<String> declared, Map<String, Object> values) {
        this.declared = Set.copyOf(declared);
        this.values = Map.copyOf(values);
    }

    /** An integer that the request or the document gives. */
    public int integer(String name) {
        return Optional.ofNullable(value(name, Integer.class))
                .orElseThrow(() -> new IllegalArgumentException(name + " has neither a value nor a default."));
    }

    /** A text, or null where neither the request nor the document gives one. */
    public @Nullable String text(String name) {
        return value(name, String.class);
    }

    /** The values of a list, none where it is not given. */
    public List<String> list(String name) {
        List<?> list = value(name, List.class);
        return list == null ? List.of() : list.stream().map(String.class::cast).toList();
    }

    /** A time, or null where it is not given. */
    public @Nullable Instant instant(String name) {
        return value(name, Instant.class);
    }

    /** A date, or null where it is not given. */
    public @Nullable LocalDate date(String name) {
        return value(name, LocalDate.class);
    }

    private <T> @Nullable T value(String name, Class<T> type) {
        if (!declared.contains(name)) {
            throw new IllegalArgumentException("The operation has no parameter " + name + ".");
        }
        Object value = values.get(name);
        return value == null ? null : type.cast(value);
    }
}
