package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.littleshoot.proxy.HttpProxyServer;
import org.littleshoot.proxy.impl.DefaultHttpProxyServer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.event.EventListener;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.RestController;

/** Holds the house's rules for Java; each rule is also shown something that breaks it. */
class ArchitectureTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.bactrian");

    @Test
    void theFlowIsInRoutes() {
        holds(HouseRules::flowIsInRoutes, HouseRules.FLOW_EXEMPTIONS);
        breaks(
                HouseRules.flowIsInRoutes(Map.of()),
                HiddenRoute.class,
                HiddenSender.class,
                HiddenConsumer.class,
                HiddenTimer.class,
                HiddenListener.class,
                HiddenEndpoint.class);
    }

    @Test
    void beansDoNotSeeTheExchange() {
        holds(HouseRules::exchangeStaysInProcessors, HouseRules.EXCHANGE_EXEMPTIONS);
        breaks(HouseRules.exchangeStaysInProcessors(Map.of()), ExchangeReader.class);
    }

    @Test
    void onlyEgressReachesOut() {
        holds(HouseRules::onlyEgressReachesOut, HouseRules.EGRESS_EXEMPTIONS);
        breaks(
                HouseRules.onlyEgressReachesOut(Map.of()),
                OwnClient.class,
                OwnPooledClient.class,
                OwnProxy.class,
                OwnSocket.class,
                OwnLookup.class,
                OwnLookupByReference.class,
                OwnLookupInPassing.class);
    }

    @Test
    void timeComesFromTheClock() {
        holds(HouseRules::timeComesFromTheClock, HouseRules.CLOCK_EXEMPTIONS);
        breaks(
                HouseRules.timeComesFromTheClock(Map.of()),
                MachineInstant.class,
                MachineDate.class,
                MachineMillis.class,
                MachineClock.class,
                MachineInstantByReference.class);
    }

    @Test
    void outsideTextIsCleanedWhereItEnters() {
        holds(HouseRules::outsideTextIsClean, HouseRules.OUTSIDE_TEXT_EXEMPTIONS);
        breaks(HouseRules.outsideTextIsClean(Map.of()), UncleanRecord.class);
    }

    @Test
    void iteratorsEnd() {
        holds(HouseRules::iteratorsEnd, HouseRules.ITERATOR_EXEMPTIONS);
        breaks(HouseRules.iteratorsEnd(Map.of()), Endless.class);
    }

    @Test
    void onlyApiServesHttp() {
        HouseRules.onlyApiServesHttp().check(HOUSE);
        breaks(HouseRules.onlyApiServesHttp(), HiddenEndpoint.class);
    }

    @Test
    void failuresAreBactrianExceptions() {
        HouseRules.failuresAreBactrianExceptions().check(HOUSE);
        breaks(HouseRules.failuresAreBactrianExceptions(), StrayException.class, PublicCheckedException.class);
    }

    @Test
    void packagesAreDescribedAndNullMarked() {
        HouseRules.packagesAreDescribedAndNullMarked().check(HOUSE);
        breaks(HouseRules.packagesAreDescribedAndNullMarked(), Test.class);
    }

    @Test
    void constructorsTakeWhatABeanNeeds() {
        HouseRules.beansAreGivenWhatTheyNeed().check(HOUSE);
        breaks(HouseRules.beansAreGivenWhatTheyNeed(), FieldInjection.class);
    }

    /** The rule holds with its exemptions, and each of these is still needed. */
    private static void holds(Function<Map<String, String>, ArchRule> rule, Map<String, String> exemptions) {
        rule.apply(exemptions).check(HOUSE);
        List<String> withoutExemptions =
                rule.apply(Map.of()).evaluate(HOUSE).getFailureReport().getDetails();
        assertThat(exemptions.keySet())
                .allSatisfy(exempt -> assertThat(withoutExemptions)
                        .as("%s keeps the rule by now: remove its exemption.", exempt)
                        .anyMatch(violation -> violation.contains(exempt)));
    }

    private static void breaks(ArchRule rule, Class<?>... offenders) {
        for (Class<?> offender : offenders) {
            assertThat(rule.allowEmptyShould(true)
                            .evaluate(new ClassFileImporter().importClasses(offender))
                            .hasViolation())
                    .as("%s breaks the rule: %s", offender.getSimpleName(), rule.getDescription())
                    .isTrue();
        }
    }

    record UncleanRecord(List<String> titles) {}

    static final class HiddenRoute extends RouteBuilder {
        @Override
        public void configure() {}
    }

    record HiddenSender(ProducerTemplate template) {}

    static final class HiddenConsumer {
        @JmsListener(destination = "bactrian.tasks.end")
        void receive() {}
    }

    static final class HiddenTimer {
        @Scheduled(fixedDelay = 1000)
        void tick() {}
    }

    static final class HiddenListener {
        @EventListener
        void on(String event) {}
    }

    @RestController
    static final class HiddenEndpoint {}

    record ExchangeReader(Exchange exchange) {}

    static final class OwnClient {
        HttpClient client() {
            return HttpClient.newHttpClient();
        }
    }

    static final class OwnPooledClient {
        CloseableHttpClient client() {
            return HttpClientBuilder.create().build();
        }
    }

    static final class OwnProxy {
        HttpProxyServer start() {
            return DefaultHttpProxyServer.bootstrap().start();
        }
    }

    static final class OwnSocket {
        Socket socket() throws IOException {
            return new Socket("localhost", 1);
        }
    }

    static final class OwnLookup {
        InetAddress address() throws UnknownHostException {
            return InetAddress.getByName("localhost");
        }
    }

    static final class OwnLookupByReference {
        Lookup lookup() {
            return InetAddress::getAllByName;
        }
    }

    interface Lookup {
        InetAddress[] lookup(String host) throws UnknownHostException;
    }

    static final class OwnLookupInPassing {
        InetSocketAddress address() {
            return new InetSocketAddress("localhost", 1);
        }
    }

    static final class MachineInstant {
        Instant now() {
            return Instant.now();
        }
    }

    static final class MachineDate {
        LocalDate today() {
            return LocalDate.now(ZoneOffset.UTC);
        }
    }

    static final class MachineMillis {
        long now() {
            return System.currentTimeMillis();
        }
    }

    static final class MachineClock {
        Clock clock() {
            return Clock.systemUTC();
        }
    }

    static final class MachineInstantByReference {
        Supplier<Instant> now() {
            return Instant::now;
        }
    }

    static final class Endless implements Iterator<String> {
        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public String next() {
            return "again";
        }
    }

    static final class StrayException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    public static final class PublicCheckedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    static final class FieldInjection {
        @Autowired
        @Nullable
        String name;
    }
}
