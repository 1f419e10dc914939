package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OneByOneTest {
    private final Queue<String> source = new ArrayDeque<>(List.of("a", "b", "c"));

    private final class Letters extends OneByOne<String> {
        @Override
        protected @Nullable String choose() {
            return source.poll();
        }

        void answer() {
            answered();
        }
    }

    private final Letters letters = new Letters();

    @Test
    void allItemsComeWhereEachIsAnswered() {
        List<String> seen = new ArrayList<>();
        while (letters.hasNext()) {
            seen.add(letters.next());
            assertThat(letters.hasNext())
                    .as("Camel's question before the answer")
                    .isTrue();
            letters.answer();
        }
        assertThat(seen).containsExactly("a", "b", "c");
        assertThatThrownBy(letters::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void theNextItemIsChosenAfterTheAnswerAndNotBefore() {
        letters.next();
        assertThat(letters.hasNext()).isTrue();
        assertThat(source).containsExactly("b", "c");
        letters.answer();
        assertThat(letters.hasNext()).isTrue();
        assertThat(letters.hasNext()).isTrue();
        assertThat(source).containsExactly("c");
    }

    @Test
    void anItemWithoutAnAnswerIsTheLastHoweverOftenTheRestIsAskedFor() {
        letters.next();
        assertThat(letters.hasNext()).isTrue();

        // As Camel does when the consumer has failed.
        List<String> rest = new ArrayList<>();
        letters.forEachRemaining(rest::add);

        assertThat(rest).isEmpty();
        letters.answer();
        assertThat(letters.hasNext()).as("an answer that comes too late").isFalse();
        assertThatThrownBy(letters::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aSecondItemIsNotHandedOutBesideTheFirst() {
        letters.next();
        assertThatThrownBy(letters::next).isInstanceOf(NoSuchElementException.class);
        assertThat(letters.hasNext()).isFalse();
    }
}
