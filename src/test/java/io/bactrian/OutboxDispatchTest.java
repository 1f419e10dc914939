package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.bactrian.RouteFiles.Route;
import io.bactrian.RouteFiles.Step;
import io.bactrian.outbox.Outbox;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A route whose beans write to the outbox sends what they have written; otherwise it leaves late, with the sweeper. */
class OutboxDispatchTest {
    /** Routes that leave the dispatch to those who call them, and why. */
    private static final Map<String, String> CALLERS_DISPATCH =
            Map.of("webhook-attempt", "webhook-step sends it, and dispatches when all its attempts are stored");

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.bactrian");

    private final SpringBeans beans = SpringBeans.ofTheHouse();
    private final Set<JavaCodeUnit> writers = writers();

    @Test
    void everyRouteSendsWhatItsBeansHaveWritten() {
        Set<String> silent = RouteFiles.in(Path.of("routes")).routes().stream()
                .filter(route -> route.steps().stream().anyMatch(this::writes))
                .filter(route ->
                        route.steps().stream().noneMatch(step -> step.uri().equals("direct:outbox-dispatch")))
                .map(Route::id)
                .collect(Collectors.toSet());

        assertThat(silent)
                .as("Give these routes the step to: {uri: direct:outbox-dispatch} after the bean that writes.")
                .isEqualTo(CALLERS_DISPATCH.keySet());
    }

    @Test
    void whatWritesIsFoundThroughOtherRooms() {
        assertThat(writers.stream().map(JavaCodeUnit::getFullName))
                .anyMatch(name -> name.startsWith("io.bactrian.task.Tasks.submit("))
                .anyMatch(name -> name.startsWith("io.bactrian.billing.PlanPeriods.renewDue("))
                .noneMatch(name -> name.startsWith("io.bactrian.task.Tasks.find("));
    }

    private boolean writes(Step step) {
        if (!step.kind().equals("bean")) {
            return false;
        }
        String signature = step.option("method");
        String method = signature.contains("(") ? signature.substring(0, signature.indexOf('(')) : signature;
        return beans.type(step.option("ref")).stream()
                .flatMap(type -> HOUSE.get(type).getAllMethods().stream())
                .anyMatch(each -> each.getName().equals(method) && writers.contains(each));
    }

    /** All code that leads to {@link Outbox#write}, also through interfaces of the house. */
    private static Set<JavaCodeUnit> writers() {
        Deque<JavaCodeUnit> open = HOUSE.get(Outbox.class).getMethods().stream()
                .filter(method -> method.getName().equals("write"))
                .collect(Collectors.toCollection(ArrayDeque::new));
        Set<JavaCodeUnit> found = new HashSet<>(open);
        while (!open.isEmpty()) {
            JavaCodeUnit writer = open.pop();
            Stream.concat(
                            writer.getAccessesToSelf().stream().map(JavaAccess::getOrigin),
                            writer instanceof JavaMethod method ? declarations(method) : Stream.of())
                    .filter(found::add)
                    .forEach(open::push);
        }
        return found;
    }

    /** The methods that it overrides, which is what others call. */
    private static Stream<JavaMethod> declarations(JavaMethod method) {
        List<String> parameters =
                method.getRawParameterTypes().stream().map(JavaClass::getName).toList();
        return Stream.concat(
                        method.getOwner().getAllRawInterfaces().stream(),
                        method.getOwner().getAllRawSuperclasses().stream())
                .filter(type -> type.getPackageName().startsWith("io.bactrian"))
                .flatMap(type -> type.getMethods().stream())
                .filter(each -> each.getName().equals(method.getName())
                        && each.getRawParameterTypes().stream()
                                .map(JavaClass::getName)
                                .toList()
                                .equals(parameters));
    }
}
