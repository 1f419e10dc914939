package io.bactrian.billing;

import java.util.Locale;

/** A company that takes payments, and whose form its events have; the sandbox plays both. */
public enum Provider {
    /** Takes payments for MapScraper: packages of credits and its plans. */
    STRIPE("Stripe", PlanApi.MAPSCRAPER, false),
    /** Takes payments for Selextract's plans. */
    LEMONSQUEEZY("Lemon Squeezy", PlanApi.SELEXTRACT, true);

    private final String title;
    private final PlanApi api;
    private final boolean invoicesTellRefunds;

    Provider(String title, PlanApi api, boolean invoicesTellRefunds) {
        this.title = title;
        this.api = api;
        this.invoicesTellRefunds = invoicesTellRefunds;
    }

    /** The company's name, for people. */
    public String title() {
        return title;
    }

    /** The API whose plans are paid through it. */
    public PlanApi api() {
        return api;
    }

    /** Whether an invoice of which money was returned is anything but paid to it; otherwise only its refunds tell. */
    boolean invoicesTellRefunds() {
        return invoicesTellRefunds;
    }

    /** As it is written in paths and settings. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Provider of(PlanApi api) {
        return api == PlanApi.MAPSCRAPER ? STRIPE : LEMONSQUEEZY;
    }
}
