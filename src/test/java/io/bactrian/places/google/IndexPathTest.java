package io.bactrian.places.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexPathTest {
    private final JsonNode array =
            PageArrays.json("[0, [\"a\", null, [\"b\", \"c\"]], {\"x\": 1}, null, [[1], [2], 3]]");

    @Test
    void aPathLeadsToAValue() {
        assertThat(IndexPath.valueOf("place[1][2][1]").first(array)).hasToString("\"c\"");
        assertThat(IndexPath.valueOf("place[1][2]").first(array)).hasToString("[\"b\",\"c\"]");
    }

    @Test
    void aStarStandsForEachElement() {
        assertThat(IndexPath.valueOf("place[1][*]").all(array, 10)).hasToString("[\"a\", [\"b\",\"c\"]]");
        assertThat(IndexPath.valueOf("place[4][*][0]").all(array, 10)).hasToString("[1, 2]");
        assertThat(IndexPath.valueOf("place[4][*][0]").all(array, 1)).hasToString("[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"place[9]", "place[3]", "place[0][1]", "place[2][0]", "place[1][1]", "place[1][2][0][0]"})
    void whatIsMissingNullOrOfAnotherTypeIsNothing(String path) {
        assertThat(IndexPath.valueOf(path).first(array)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "place", "place[", "place[a]", "place[1", "[1]", "place[-1]", "place[1].x", "place[99999]"})
    void whatIsNoPathIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IndexPath.valueOf(text))
                .withMessageContaining("index path");
    }
}
