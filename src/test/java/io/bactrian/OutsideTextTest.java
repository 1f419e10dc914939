package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutsideTextTest {
    private static final String PAIR = "\ud83d\udc2a";

    @Test
    void replacesWhatCannotBeStored() {
        assertThat(OutsideText.clean("a\0b")).isEqualTo("a\ufffdb");
        assertThat(OutsideText.clean("a\ud83d")).isEqualTo("a\ufffd");
        assertThat(OutsideText.clean("\ud83da")).isEqualTo("\ufffda");
        assertThat(OutsideText.clean("\udc2a\ud83d")).isEqualTo("\ufffd\ufffd");
        assertThat(OutsideText.clean("\ud83d\ud83d\udc2a")).isEqualTo("\ufffd" + PAIR);
    }

    @Test
    void keepsEverythingElse() {
        for (String text : new String[] {"", "plain", PAIR, "\uffff\ufffe\ufffd", "\u0001\t\r\n", "\udbff\udfff"}) {
            assertThat(OutsideText.isClean(text)).isTrue();
            assertThat(OutsideText.clean(text)).isSameAs(text);
        }
        assertThat(OutsideText.isClean("a\0")).isFalse();
        assertThat(OutsideText.isClean("\ud83d")).isFalse();
    }

    @Test
    void cutsWhatIsTooLongBetweenCharacters() {
        assertThat(OutsideText.clean("abcde", 5)).isEqualTo("abcde");
        assertThat(OutsideText.clean("abcdef", 5)).isEqualTo("abcd…");
        assertThat(OutsideText.clean("abc" + PAIR + "f", 5)).isEqualTo("abc…");
        assertThat(OutsideText.clean("ab\0" + PAIR + "f", 4)).isEqualTo("ab\ufffd…");
    }

    @Test
    void keysThatBeginAlikeStayDifferent() {
        String begin = PAIR.repeat(OutsideText.KEY);

        assertThat(OutsideText.key(begin + "a")).isNotEqualTo(OutsideText.key(begin + "b"));
        assertThat(OutsideText.key("k".repeat(OutsideText.KEY))).isEqualTo("k".repeat(OutsideText.KEY));
        for (String text : new String[] {begin, "x" + begin, "\0".repeat(1_000), "\uffff".repeat(1_000)}) {
            assertThat(OutsideText.key(text)).hasSizeLessThanOrEqualTo(OutsideText.KEY);
            assertThat(OutsideText.isClean(OutsideText.key(text))).isTrue();
            assertThat(OutsideText.key(text).getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(2_704);
        }
    }
}
