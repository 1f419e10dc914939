package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;

/** Holds the table of rooms: what each may use stands in its {@code package-info}, and it uses nothing else. */
class ModularityTest {
    /**
     * All but the launcher, which stands above the rooms: it may use each of them, while they use the root package's
     * exceptions.
     */
    private final ApplicationModules rooms =
            ApplicationModules.of(Bactrian.class, JavaClass.Predicates.equivalentTo(CommandLine.class));

    @Test
    void roomsUseOnlyWhatTheyMayAndNotInACircle() {
        rooms.verify();
    }

    @Test
    void everyRoomSaysWhatItMayUse() {
        assertThat(rooms.stream().filter(room -> !room.isRootModule()))
                .isNotEmpty()
                .allSatisfy(room -> assertThat(room.getBasePackage()
                                .findAnnotation(ApplicationModule.class)
                                .map(ApplicationModule::allowedDependencies))
                        .as(
                                "Give the package-info of %s an @ApplicationModule(allowedDependencies = {…}); without it, the room may use every other.",
                                room.getBasePackage().getName())
                        .hasValueSatisfying(
                                allowed -> assertThat(allowed).doesNotContain(ApplicationModule.OPEN_TOKEN)));
    }
}
