package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.bactrian.billing.ProviderBooks;
import io.bactrian.process.ServiceProcess.Finished;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The comparison of the books, as an operator has it: once a day by itself, and by the launcher's command. */
class BillingCommandTest {
    private final Instant start = Instant.now().minus(Duration.ofDays(1));
    private final Instant end = start.plus(Duration.ofDays(30));
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    @Test
    void anOperatorIsToldOfDifferencesAndRepairsThemBesideARunningService() throws Exception {
        GreenMail mails = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mails.start();
        try (ProviderBooks stripe = new ProviderBooks();
                ServiceProcess service = new ServiceProcess("billing-command");
                ServiceClient client = new ServiceClient(service.address())) {
            service.with("BACTRIAN_ROUTES", "file:" + service.routes("delay: 600000", "delay: 500") + "/*.camel.yaml")
                    .with("SPRING_MAIL_HOST", "127.0.0.1")
                    .with("SPRING_MAIL_PORT", Integer.toString(mails.getSmtp().getPort()))
                    .with("BACTRIAN_BILLING_OPERATOREMAIL", "books@example.com")
                    .with("BACTRIAN_BILLING_STRIPE_APIKEY", "sk_test_nobody")
                    .with("BACTRIAN_BILLING_STRIPE_WEBHOOKSECRET", "whsec_nobody")
                    .with("BACTRIAN_BILLING_STRIPE_BASEURL", stripe.url())
                    .with("BACTRIAN_BILLING_STRIPE_PRICES_STARTER", "price_starter");
            stripe.stripeSubscription("sub_1", UUID.randomUUID(), "starter", "active", start, end, true);
            service.start();

            await().atMost(LONG_ENOUGH).until(() -> mails.getReceivedMessages().length == 1);
            assertThat(mails.getReceivedMessages()[0].getSubject()).isEqualTo("Differences in the books");
            assertThat(GreenMailUtil.getWholeMessage(mails.getReceivedMessages()[0]))
                    .contains("To: books@example.com", "Stripe has the subscription sub_1");
            assertThat(service.metric("bactrian.billing.differences")).isEqualTo(1);

            client.register();
            UUID account = service.database()
                    .sql("SELECT id FROM account WHERE email = ?")
                    .param(ServiceClient.EMAIL)
                    .query(UUID.class)
                    .single();
            stripe.clear();
            stripe.stripeSubscription("sub_1", account, "starter", "active", start, end, true);
            stripe.stripeInvoice("in_1", "sub_1", account, "starter", start, end);

            Finished compared = service.command("billing", "reconcile");
            assertThat(compared.status()).as(compared.errors()).isEqualTo(1);
            assertThat(compared.output().lines())
                    .containsExactly(
                            "Stripe has the subscription sub_1, which is not known here.",
                            "Stripe has the paid invoice in_1, which is not known here.",
                            "2 differences. ./bactrian billing reconcile --repair takes in what the providers say.");
            Finished repaired = service.command("billing", "reconcile", "--repair");
            assertThat(repaired.status()).as(repaired.errors()).isEqualTo(1);
            assertThat(repaired.output()).contains("2 differences; what the providers say was taken in.");
            Finished again = service.command("billing", "reconcile");
            assertThat(again.status()).as(again.output() + again.errors()).isZero();
            assertThat(again.output().lines())
                    .containsExactly("The books are the same: 2 objects of the providers were compared.");
            assertThat(service.database()
                            .sql("SELECT mapscraper_plan FROM account WHERE id = ?")
                            .param(account)
                            .query(String.class)
                            .single())
                    .isEqualTo("starter");
            Books.areClosed(service);

            stripe.refuse(503, "busy");
            Finished away = service.command("billing", "reconcile");
            assertThat(away.status()).isEqualTo(1);
            assertThat(away.output()).contains("Stripe could not be compared, because it does not answer just now.");
            assertThat(away.output() + away.errors()).doesNotContain("Exception", "\tat ");
            assertThat(service.terminate()).isIn(0, 143);
        } finally {
            mails.stop();
        }
    }

    @Test
    void theCommandSaysWhatItDoesAndWhatItLacks() {
        try (ServiceProcess service = new ServiceProcess("billing-command-alone")) {
            Finished help = service.command("billing", "reconcile", "--help");
            assertThat(help.status()).isZero();
            assertThat(help.output()).contains("Usage: ./bactrian billing reconcile [--repair]");
            for (String[] words :
                    new String[][] {{"billing"}, {"billing", "reconcile", "now"}, {"billing", "repair"}}) {
                Finished wrong = service.command(words);
                assertThat(wrong.status()).isEqualTo(1);
                assertThat(wrong.errors()).contains("./bactrian billing reconcile [--repair]");
            }

            Finished empty = service.command("billing", "reconcile");
            assertThat(empty.status()).isEqualTo(1);
            assertThat(empty.errors().strip())
                    .isEqualTo(
                            "bactrian: this database has no books of this version. Start the service once with ./bactrian up, which makes them.");
        }
    }

    @Test
    void theSandboxHasNoDifferencesAndNoServiceNeedsToRun() {
        try (ServiceProcess service = new ServiceProcess("billing-command-sandbox")) {
            ServiceCommand.giveData(service.data());

            Finished compared = service.command("billing", "reconcile");

            assertThat(compared.status()).as(compared.errors()).isZero();
            assertThat(compared.output()).contains("The books are the same: 0 objects of the providers were compared.");
        }
    }
}
