package io.bactrian.flow;

import java.util.UUID;

/** Checkouts and invoices of the sandbox, put into the service's database. */
final class SandboxPurchases {
    private SandboxPurchases() {}

    private static UUID idOf(Account account) {
        return account.service()
                .database()
                .sql("SELECT id FROM account WHERE email = ?")
                .param(account.email())
                .query(UUID.class)
                .single();
    }

    /** An open checkout of the package of 500 credits. */
    static UUID smallPackage(Account account, String successUrl, String cancelUrl) {
        return checkout(account, "STRIPE", "MAPSCRAPER", "PACKAGE", "small", 500, successUrl, cancelUrl);
    }

    /** An open checkout of a plan of Selextract. */
    static UUID professionalPlan(Account account, String successUrl, String cancelUrl) {
        return checkout(account, "LEMONSQUEEZY", "SELEXTRACT", "PLAN", "professional", 0, successUrl, cancelUrl);
    }

    private static UUID checkout(
            Account account,
            String provider,
            String api,
            String kind,
            String item,
            long units,
            String successUrl,
            String cancelUrl) {
        UUID id = UUID.randomUUID();
        account.service()
                .database()
                .sql("""
                        INSERT INTO billing_checkout (id, account_id, provider, sandbox, api, kind, item, amount, units,
                               success_url, cancel_url, status, provider_id, created_at, expires_at, version)
                        VALUES (?, ?, ?, true, ?, ?, ?, 1900, ?, ?, ?, 'OPEN', ?, now(), now() + interval '50 minutes', 0)""")
                .params(
                        id,
                        idOf(account),
                        provider,
                        api,
                        kind,
                        item,
                        units,
                        successUrl,
                        cancelUrl,
                        "cs_test_" + id.toString().replace("-", ""))
                .update();
        return id;
    }

    /** The account's newest invoice. */
    static UUID invoice(Account account) {
        return account.service()
                .database()
                .sql("SELECT id FROM billing_invoice WHERE account_id = ? ORDER BY created_at DESC LIMIT 1")
                .param(idOf(account))
                .query(UUID.class)
                .single();
    }
}
