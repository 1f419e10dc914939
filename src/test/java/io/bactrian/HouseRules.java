package io.bactrian;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.naming.directory.InitialDirContext;
import javax.net.SocketFactory;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.FluentProducerTemplate;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RoutesBuilder;
import org.jsoup.Jsoup;
import org.jspecify.annotations.NullMarked;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsOperations;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What Java may and may not do in this house, as rules for ArchUnit.
 *
 * <p>Rules with exemptions take them as class name and reason. Before you add one, see whether the code can keep the rule.
 */
final class HouseRules {
    static final Map<String, String> FLOW_EXEMPTIONS = Map.of();

    static final Map<String, String> EXCHANGE_EXEMPTIONS = Map.of(
            "io.bactrian.api.OutsideHeaders",
            "is a HeaderFilterStrategy, whose methods are handed the exchange and do not look at it",
            "io.bactrian.ops.WorkWatchPolicy",
            "is a RoutePolicy, which is told of the begin and the end of each exchange",
            "io.bactrian.ops.ScheduleWatch",
            "is a RoutePolicy, which is told of the begin of each exchange",
            "io.bactrian.recovery.WorkMessagePolicy",
            "is a RoutePolicy, which is told of the begin of each exchange");

    static final Map<String, String> EGRESS_EXEMPTIONS = Map.of(
            "io.bactrian.demo.NewcomersClient",
            "plays a client of the service, at the service's own address",
            "io.bactrian.embedded.NoHttp",
            "looks at the first bytes of connections that come to the broker");

    static final Map<String, String> CLOCK_EXEMPTIONS =
            Map.of("io.bactrian.SystemTime", "makes the one Clock that is injected everywhere");

    private static final String FROM_CLIENTS = "is what a client has asked for, held against the contract before";

    static final Map<String, String> OUTSIDE_TEXT_EXEMPTIONS = Map.ofEntries(
            Map.entry("io.bactrian.scrape.BrowserOptions", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.BrowserSelector", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.PageAction", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.PageCaching", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.PageRequest", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.ProxyRotation", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.ScrapeOptions", FROM_CLIENTS),
            Map.entry("io.bactrian.scrape.TrustedOrigins", FROM_CLIENTS),
            Map.entry("io.bactrian.places.PlaceQuery", FROM_CLIENTS),
            Map.entry("io.bactrian.places.PlacesProperties", "is the operator's"),
            Map.entry("io.bactrian.places.PlacesProperties$GoogleMaps", "is the operator's"),
            Map.entry("io.bactrian.places.VisitRequest", FROM_CLIENTS));

    /** Rooms whose records carry what a site or a map says, and other records that carry such text. */
    private static final Set<String> ROOMS_WITH_OUTSIDE_TEXT =
            Set.of("io.bactrian.scrape", "io.bactrian.scrape.page", "io.bactrian.places");

    private static final Set<String> RECORDS_WITH_OUTSIDE_TEXT = Set.of(
            "io.bactrian.Violation",
            "io.bactrian.scrape.html.CachedPage",
            "io.bactrian.scrape.html.Sitemap",
            "io.bactrian.scrape.html.Sitemap$Failure",
            "io.bactrian.task.TaskLog$Entry",
            "io.bactrian.webhook.DeliveryAttempt",
            "io.bactrian.mail.SendFailure");

    static final Map<String, String> ITERATOR_EXEMPTIONS = Map.of(
            "io.bactrian.scrape.select.JsoupNavigator",
            "walks the siblings of a node for XPath, and no route is given it");

    private static final List<Class<?>> HIDE_THE_FLOW = List.of(
            RoutesBuilder.class,
            ProducerTemplate.class,
            FluentProducerTemplate.class,
            ConsumerTemplate.class,
            JmsOperations.class,
            JmsListener.class,
            Scheduled.class,
            EventListener.class,
            Controller.class,
            RestController.class,
            RequestMapping.class);

    private static final Set<String> CLIENT_BUILDERS =
            Set.of("HttpClientBuilder", "HttpClients", "HttpAsyncClientBuilder", "HttpAsyncClients");

    private HouseRules() {}

    static ArchRule flowIsInRoutes(Map<String, String> exemptions) {
        return noClasses()
                .that(areNot(exemptions))
                .should()
                .dependOnClassesThat(describe(
                        "start, move or serve a message",
                        type -> HIDE_THE_FLOW.stream().anyMatch(type::isAssignableTo)
                                || type.isEquivalentTo(ApplicationEventPublisher.class)))
                .because("a reader follows the flow in routes/ alone: write a route, and call a bean from it");
    }

    static ArchRule exchangeStaysInProcessors(Map<String, String> exemptions) {
        return noClasses()
                .that(areNot(exemptions))
                .and(describe(
                        "are no *Processor or *AggregationStrategy",
                        type -> !outermost(type).getSimpleName().endsWith("Processor")
                                && !outermost(type).getSimpleName().endsWith("AggregationStrategy")))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Exchange.class)
                .because("beans take plain arguments: let Camel bind them, or name the class *Processor"
                        + " or *AggregationStrategy if it really handles messages");
    }

    static ArchRule onlyEgressReachesOut(Map<String, String> exemptions) {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.bactrian.egress..")
                .and(areNot(exemptions))
                .should()
                .accessTargetWhere(
                        describe("builds a client, opens a connection or resolves a name", HouseRules::reachesOut))
                .because("only room egress checks and pins addresses: use its EgressClient");
    }

    static ArchRule timeComesFromTheClock(Map<String, String> exemptions) {
        return noClasses()
                .that(areNot(exemptions))
                .should()
                .accessTargetWhere(describe("asks the machine for the time", HouseRules::asksTheMachineForTheTime))
                .because("tests set the time: inject java.time.Clock (System.nanoTime is fine for durations)");
    }

    static ArchRule outsideTextIsClean(Map<String, String> exemptions) {
        return classes()
                .that()
                .areRecords()
                .and(areNot(exemptions))
                .and(describe(
                        "carry text from outside",
                        type -> (ROOMS_WITH_OUTSIDE_TEXT.contains(type.getPackageName())
                                        || RECORDS_WITH_OUTSIDE_TEXT.contains(type.getName())
                                        || type.getPackageName().equals("io.bactrian"))
                                && type.getFields().stream()
                                        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                                        .anyMatch(field -> field.getType().getAllInvolvedRawTypes().stream()
                                                .anyMatch(involved -> involved.isEquivalentTo(String.class)))))
                .should(new ArchCondition<>("clean it in their constructors") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        boolean cleans = type.getConstructors().stream()
                                .flatMap(constructor -> constructor.getAccessesFromSelf().stream())
                                .anyMatch(access -> access.getTargetOwner().isEquivalentTo(OutsideText.class));
                        events.add(new SimpleConditionEvent(
                                type, cleans, type.getName() + " calls no method of OutsideText in its constructor"));
                    }
                })
                .because(
                        "text of sites, maps and receivers is stored and sent, and what cannot be stored wedges its work:"
                                + " call OutsideText for each such component, or exempt a record that carries none");
    }

    static ArchRule iteratorsEnd(Map<String, String> exemptions) {
        return classes()
                .that()
                .areAssignableTo(Iterator.class)
                .and(areNot(exemptions))
                .should()
                .beAssignableTo(OneByOne.class)
                .allowEmptyShould(true)
                .because(
                        "Camel takes all that is left of an iterator when its consumer fails, and one that does not end"
                                + " keeps a thread busy for ever: extend OneByOne, or give a collection");
    }

    static ArchRule onlyApiServesHttp() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.bactrian.api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.servlet..", "org.springframework.web..")
                .because("only room api knows of requests and of the statuses of failures: throw a BactrianException,"
                        + " and let api's ErrorAnswers map it");
    }

    static ArchRule failuresAreBactrianExceptions() {
        return classes()
                .that()
                .areAssignableTo(Throwable.class)
                .should(new ArchCondition<>("extend BactrianException, or be checked and stay in their package") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        boolean checked =
                                !type.isAssignableTo(RuntimeException.class) && !type.isAssignableTo(Error.class);
                        boolean kept = !type.getModifiers().contains(JavaModifier.PUBLIC);
                        events.add(
                                new SimpleConditionEvent(
                                        type,
                                        type.isAssignableTo(BactrianException.class) || (checked && kept),
                                        type.getName()
                                                + " is neither: extend BactrianException with a message that tells what to do"));
                    }
                });
    }

    static ArchRule packagesAreDescribedAndNullMarked() {
        return classes().should(new ArchCondition<>("live in a package whose package-info is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage()
                        .tryGetPackageInfo()
                        .map(info -> info.isAnnotatedWith(NullMarked.class))
                        .orElse(false);
                events.add(new SimpleConditionEvent(
                        type,
                        marked,
                        "Give " + type.getPackageName() + " a package-info.java with one sentence and @NullMarked"));
            }
        });
    }

    static ArchRule beansAreGivenWhatTheyNeed() {
        return noFields().should().beAnnotatedWith(Autowired.class).because("the constructor takes what a bean needs");
    }

    private static boolean reachesOut(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        if (owner.isEquivalentTo(InetAddress.class)) {
            return Set.of("getByName", "getAllByName").contains(name);
        }
        if (owner.isEquivalentTo(InetSocketAddress.class)) {
            // With a text, its constructor looks the name up.
            return name.equals("<init>") && parameters(access).contains(String.class.getName());
        }
        if (owner.isEquivalentTo(URL.class)) {
            return Set.of("openConnection", "openStream", "getContent").contains(name);
        }
        if (owner.isEquivalentTo(Jsoup.class)) {
            return Set.of("connect", "newSession").contains(name)
                    || (name.equals("parse") && parameters(access).contains(URL.class.getName()));
        }
        return owner.getName().startsWith("org.littleshoot.proxy.")
                || owner.getName().startsWith("io.netty.bootstrap.")
                || (owner.isAssignableTo(HttpClient.class) && name.startsWith("new"))
                || (owner.getPackageName().startsWith("org.apache.hc.")
                        && CLIENT_BUILDERS.contains(owner.getSimpleName()))
                || (owner.isAssignableTo(Socket.class) && name.equals("<init>"))
                || (owner.isAssignableTo(DatagramSocket.class) && name.equals("<init>"))
                || (owner.isAssignableTo(SocketChannel.class) && name.equals("open"))
                || owner.isAssignableTo(SocketFactory.class)
                || (owner.isAssignableTo(InitialDirContext.class) && name.equals("<init>"))
                || Set.of(
                                "org.springframework.web.client.RestTemplate",
                                "org.springframework.web.client.RestClient",
                                "org.springframework.web.reactive.function.client.WebClient")
                        .contains(owner.getName());
    }

    private static boolean asksTheMachineForTheTime(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        if (owner.getPackageName().startsWith("java.time") && name.equals("now")) {
            return !parameters(access).contains(Clock.class.getName());
        }
        return (owner.isEquivalentTo(Clock.class) && (name.startsWith("system") || name.startsWith("tick")))
                || (owner.isEquivalentTo(System.class) && name.equals("currentTimeMillis"))
                || (owner.isEquivalentTo(Date.class)
                        && name.equals("<init>")
                        && parameters(access).isEmpty());
    }

    private static List<String> parameters(JavaAccess<?> access) {
        return access.getTarget() instanceof CodeUnitAccessTarget target
                ? target.getRawParameterTypes().stream().map(JavaClass::getName).toList()
                : List.of();
    }

    private static DescribedPredicate<JavaClass> areNot(Map<String, String> exemptions) {
        return describe(
                "are not exempt",
                type -> !exemptions.containsKey(outermost(type).getName()));
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(HouseRules::outermost).orElse(type);
    }
}
