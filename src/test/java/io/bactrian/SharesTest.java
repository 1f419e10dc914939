package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SharesTest {
    private final Shares shares = new Shares(64);

    private List<Shares.Share> takeAll(String account) {
        List<Shares.Share> taken = new ArrayList<>();
        for (var share = shares.take(account, 1); share.isPresent(); share = shares.take(account, 1)) {
            taken.add(share.get());
        }
        return taken;
    }

    @Test
    void oneAccountLeavesAQuarterAndTheNextOneFindsPlaces() {
        List<Shares.Share> first = takeAll("first");
        List<Shares.Share> second = takeAll("second");
        List<Shares.Share> third = takeAll("third");

        assertThat(first).hasSize(48);
        assertThat(second).hasSize(12);
        assertThat(third).isNotEmpty();
        assertThat(shares.take("fourth", 1)).isPresent();
    }

    @Test
    void whatIsGivenBackTwiceCountsOnce() {
        Shares.Share share = shares.take("first", 40).orElseThrow();
        share.close();
        share.close();

        assertThat(shares.take("first", 64)).isPresent();
        assertThat(shares.take("second", 1)).isEmpty();
    }

    @Test
    void whoWaitsGetsWhatIsGivenBack() {
        Shares.Share share = shares.take("first", 64).orElseThrow();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return shares.take("second", 10, TimeUnit.SECONDS.toNanos(30)).isPresent();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        share.close();

        assertThat(waiting.join()).isTrue();
    }

    @Test
    void aWaitEndsWithoutAShareWhenItsTimeIsOver() throws InterruptedException {
        assertThat(shares.take("first", 64)).isPresent();

        assertThat(shares.take("second", 1, TimeUnit.MILLISECONDS.toNanos(10))).isEmpty();
    }
}
