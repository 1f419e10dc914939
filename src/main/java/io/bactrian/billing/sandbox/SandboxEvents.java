package io.bactrian.billing.sandbox;

import io.bactrian.billing.Provider;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Makes events in a company's own form, as JSON's objects. */
interface SandboxEvents {

    /** What happens to a subscription. */
    enum Change {
        PLAN,
        CANCELLED,
        RESUMED,
        RENEWED,
        ENDED
    }

    Provider provider();

    /** An id that no other subscription has. */
    String newSubscription();

    List<Map<String, Object>> packagePaid(Sale sale, Instant at);

    /** Empty where the company tells nothing of it. */
    List<Map<String, Object>> declined(Sale sale, Instant at);

    /**
     * A plan is paid for.
     *
     * @param standing the subscription that the sale has become
     */
    List<Map<String, Object>> subscribed(Sale sale, Standing standing, Instant at);

    /**
     * A subscription is no longer as it was.
     *
     * @param standing the subscription as it is from now on
     * @param amount what is paid for it now, in US cents
     */
    List<Map<String, Object>> changed(Standing standing, Change change, long amount, Instant at);

    /** The shortest time that the company tells apart. */
    ChronoUnit tick();
}
