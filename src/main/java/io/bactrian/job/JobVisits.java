package io.bactrian.job;

import io.bactrian.InvalidInputException;
import io.bactrian.places.PlaceContacts;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.PlacesProvider;
import io.bactrian.places.VisitOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes the visits of lanes: each by the provider of its job. */
@Component
public class JobVisits {
    private final Map<String, PlacesProvider> providers;
    private final PlaceContacts contacts;
    private final String defaultProvider;

    JobVisits(List<PlacesProvider> providers, PlaceContacts contacts, PlacesProperties settings) {
        this.providers =
                new TreeMap<>(providers.stream().collect(Collectors.toMap(PlacesProvider::name, Function.identity())));
        this.contacts = contacts;
        this.defaultProvider = settings.defaultProvider();
        if (!this.providers.containsKey(defaultProvider)) {
            throw new IllegalArgumentException("bactrian.places.default-provider must be one of %s, and is %s."
                    .formatted(String.join(", ", this.providers.keySet()), defaultProvider));
        }
    }

    /** Makes a step's visit. */
    public VisitOutcome make(JobStep step) {
        return switch (step.visit().kind()) {
            case SEARCH, PLACE -> provider(step.provider()).visit(step.request());
            case CONTACT -> contacts.visit(step.request());
        };
    }

    /**
     * The provider of that name, or the configured one.
     *
     * @throws InvalidInputException when there is none of that name
     */
    PlacesProvider chosen(@Nullable String name) {
        PlacesProvider provider = providers.get(name == null ? defaultProvider : name);
        if (provider == null) {
            throw new InvalidInputException(
                    "provider", "provider must be one of " + String.join(", ", providers.keySet()));
        }
        return provider;
    }

    PlacesProvider provider(String name) {
        return find(name)
                .orElseThrow(() ->
                        new IllegalStateException("A job has the provider " + name + ", which there is no more."));
    }

    Optional<PlacesProvider> find(String name) {
        return Optional.ofNullable(providers.get(name));
    }

    PlaceContacts contacts() {
        return contacts;
    }
}
