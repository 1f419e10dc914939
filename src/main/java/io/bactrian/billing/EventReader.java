package io.bactrian.billing;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the events of one provider: its signature, and its words. */
public interface EventReader {

    Provider provider();

    /**
     * Checks an event as it has come.
     *
     * @param header gives the value of the request's header of that name, or null
     * @throws InvalidEventException if the signature is missing, wrong or too old, or the body is none of the provider's events
     */
    ProviderMessage verify(byte[] body, Function<String, @Nullable String> header);

    /**
     * What a verified event says; empty for a type that changes nothing here.
     *
     * @param body as {@link ProviderMessage} has it
     * @throws InvalidEventException if it lacks what events of its type have
     */
    List<BillingFact> facts(String body);
}
