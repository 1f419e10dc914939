package io.bactrian.billing.sandbox;

import io.bactrian.NotFoundException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.SandboxBooks;
import io.bactrian.billing.SandboxBooks.Bill;
import io.bactrian.billing.SandboxBooks.Outcome;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import io.bactrian.billing.sandbox.SandboxPortalLinks.Holder;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The sandbox's own pages: where somebody pays with no money, changes a plan, and reads an invoice. Where the sandbox is off,
 * nothing is found.
 */
@Component
public final class Sandbox {
    private final SandboxBooks books;
    private final SandboxPortalLinks portals;
    private final ObjectProvider<SandboxProvider> providers;

    Sandbox(SandboxBooks books, SandboxPortalLinks portals, ObjectProvider<SandboxProvider> providers) {
        this.books = books;
        this.portals = portals;
        this.providers = providers;
    }

    /**
     * What an account has bought through one provider.
     *
     * @param subscriptions those that have not ended, the newest first
     * @param bills the newest first, at most 24
     */
    public record Portal(Provider provider, List<Standing> subscriptions, List<Bill> bills) {}

    private Optional<SandboxProvider> provider(Provider provider) {
        return providers.stream()
                .filter(candidate -> candidate.provider() == provider)
                .findFirst();
    }

    private boolean isOn(Provider provider) {
        return provider(provider).isPresent();
    }

    /** The checkout of that id. */
    public Optional<Sale> sale(UUID id) {
        return books.sale(id).filter(sale -> isOn(sale.provider()));
    }

    /**
     * Ends a checkout, and stores the provider's events of it.
     *
     * @return whether it was open; one that has ended stays as it is
     * @throws NotFoundException if there is no such checkout
     */
    public boolean end(UUID id, Outcome outcome) {
        SandboxProvider provider = sale(id).flatMap(sale -> provider(sale.provider()))
                .orElseThrow(() -> new NotFoundException("Checkout"));
        return books.end(id, outcome, sale -> {
            switch (outcome) {
                case PAY -> provider.paid(sale);
                case DECLINE -> provider.declined(sale);
                case CANCEL -> {}
            }
        });
    }

    /** What the portal shows to whoever has its link; empty when the link is wrong or has expired. */
    public Optional<Portal> portal(String token) {
        return holder(token)
                .map(holder -> new Portal(
                        holder.provider(),
                        books.open(holder.account(), holder.provider()),
                        books.bills(holder.account(), holder.provider())));
    }

    private Optional<Holder> holder(String token) {
        return portals.holder(token).filter(holder -> isOn(holder.provider()));
    }

    /**
     * Cancels the newest subscription with its period, or takes that back.
     *
     * @return false when the link is wrong or has expired, or there is no subscription
     */
    public boolean cancel(String token, boolean cancel) {
        Optional<Holder> holder = holder(token);
        Optional<Standing> subscription = holder.flatMap(
                found -> books.open(found.account(), found.provider()).stream().findFirst());
        subscription
                .filter(standing -> standing.cancelled() != cancel)
                .ifPresent(standing -> provider(standing.provider()).ifPresent(provider -> {
                    if (cancel) {
                        provider.cancel(standing.providerId(), "portal");
                    } else {
                        provider.resume(standing.providerId(), "portal");
                    }
                }));
        return subscription.isPresent();
    }

    /**
     * The document of an invoice: a PDF.
     *
     * @throws NotFoundException if the sandbox has no such invoice
     */
    public byte[] document(UUID invoice) {
        return books.bill(invoice)
                .filter(bill -> isOn(bill.provider()))
                .map(InvoiceDocument::of)
                .orElseThrow(() -> new NotFoundException("Invoice"));
    }

    /** Renews subscriptions whose period has ended, or ends those that were cancelled; at most 100 of each provider. */
    public void renewDue() {
        providers.stream().forEach(SandboxProvider::renewDue);
    }
}
