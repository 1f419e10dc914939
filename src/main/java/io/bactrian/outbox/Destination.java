package io.bactrian.outbox;

import java.util.Locale;

/** Where an outbox message goes; {@code routes/ops.camel.yaml} gives each its queue or topic. */
public enum Destination {
    /** A lane's token, for the engine of static pages. */
    LANES_HTML,
    /** A lane's token, for the browser engine. */
    LANES_BROWSER,
    /** An account whose pending tasks may have found a free place. */
    TASKS_ADMIT,
    /** A task whose URLs are in a sitemap that is to be read. */
    TASKS_SITEMAP,
    /** A task whose lanes have all retired. */
    TASKS_END,
    /** A lane of a search for places, for the provider that needs a browser. */
    PLACES_BROWSER,
    /** A lane of a search for places that needs none. */
    PLACES_HTML,
    /** An account whose queued jobs may have found a free place. */
    JOBS_ADMIT,
    /** A job whose lanes have all retired. */
    JOBS_END,
    /** What happened to a task or job, for everyone who listens. */
    TASKS_EVENTS,
    /** A file whose delivery to a customer's endpoint is due. */
    EXPORTS_DELIVER,
    /** An event that the account's webhooks may want. */
    WEBHOOKS_EVENTS,
    /** A lane of a webhook endpoint that has something to deliver. */
    WEBHOOKS_DELIVER,
    /** The same, of an endpoint that has lately been slow or has not answered. */
    WEBHOOKS_DELIVER_SLOW,
    /** A letter. */
    MAILS_SEND,
    /** A monitoring task whose next check is due. */
    MONITORS_CHECK,
    /** A monitoring task whose check has had all its pages. */
    MONITORS_CHECKED,
    /** A run of a saved search that is due. */
    SEARCHES_RUN,
    /** An event of a payment provider that is to be applied. */
    BILLING_EVENTS,
    /** A subscription of a closed account that its provider is to end. */
    BILLING_END;

    /** The name that the route compares with. */
    public String routeName() {
        return routeName(name());
    }

    /** The same for a name of which this version may know no destination. */
    static String routeName(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
