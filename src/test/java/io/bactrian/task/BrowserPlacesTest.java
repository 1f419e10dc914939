package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BrowserPlacesTest {
    private static final UUID MANY = UUID.randomUUID();
    private static final UUID FEW = UUID.randomUUID();
    private static final UUID LATE = UUID.randomUUID();

    private final SettableClock clock = new SettableClock();

    private BrowserPlaces browsers(int number) {
        return new BrowserPlaces(number, clock);
    }

    @Test
    void anAccountAloneHasAllBrowsers() {
        BrowserPlaces places = browsers(2);

        assertThat(places.take(MANY)).isTrue();
        assertThat(places.take(MANY)).isTrue();
        assertThat(places.take(MANY)).isFalse();
    }

    @Test
    void theNextFreeBrowserGoesToWhoeverHoldsFewest() {
        BrowserPlaces places = browsers(4);
        for (int browser = 0; browser < 4; browser++) {
            assertThat(places.take(MANY)).isTrue();
        }
        assertThat(places.take(FEW)).isFalse();

        places.leave(MANY);
        assertThat(places.take(MANY)).isFalse();
        assertThat(places.take(FEW)).isTrue();
        assertThat(places.take(FEW)).isFalse();
        places.leave(MANY);
        assertThat(places.take(MANY)).isFalse();
        assertThat(places.take(FEW)).isTrue();
    }

    @Test
    void accountsWithNoneComeInTheOrderInWhichTheyBeganToWait() {
        BrowserPlaces places = browsers(1);
        assertThat(places.take(MANY)).isTrue();
        assertThat(places.take(FEW)).isFalse();
        assertThat(places.take(LATE)).isFalse();

        places.leave(MANY);
        assertThat(places.take(MANY)).isFalse();
        assertThat(places.take(LATE)).isFalse();
        assertThat(places.take(FEW)).isTrue();
        places.leave(FEW);
        assertThat(places.take(MANY)).isFalse();
        assertThat(places.take(LATE)).isTrue();
    }

    @Test
    void whoDoesNotComeBackKeepsNobodyWaiting() {
        BrowserPlaces places = browsers(1);
        assertThat(places.take(MANY)).isTrue();
        assertThat(places.take(FEW)).isFalse();
        places.leave(MANY);
        assertThat(places.take(MANY)).isFalse();

        clock.advance(Duration.ofSeconds(6));

        assertThat(places.take(MANY)).isTrue();
    }
}
