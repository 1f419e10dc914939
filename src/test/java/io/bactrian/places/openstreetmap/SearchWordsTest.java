package io.bactrian.places.openstreetmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchWordsTest {
    private final SearchWords words = new SearchWords(OpenstreetmapNode.shippedTags());

    @ParameterizedTest
    @CsvSource(delimiter = '¦', quoteCharacter = '§', textBlock = """
            coffee                        ¦ ["amenity"="cafe"]["name"]
            Cafés                         ¦ ["amenity"="cafe"]["name"]
            καφέ                          ¦ ["amenity"="cafe"]["name"]
            COFFEE SHOPS                  ¦ ["amenity"="cafe"]["name"]
            the best coffee in            ¦ ["amenity"="cafe"]["name"]
            pizza                         ¦ ["cuisine"~"(^|;) *pizza *(;|$)"]["name"]
            pizza restaurants             ¦ ["cuisine"~"(^|;) *pizza *(;|$)"]["amenity"="restaurant"]["name"]
            bakeries                      ¦ ["shop"="bakery"]["name"]
            Bäckerei                      ¦ ["shop"="bakery"]["name"]
            zahnarzt                      ¦ ["amenity"="dentist"]["name"]   ["healthcare"="dentist"]["name"]
            bar, restaurant               ¦ ["amenity"="bar"]["name"]   ["amenity"="restaurant"]["name"]
            church                        ¦ ["amenity"="place_of_worship"]["religion"="christian"]["name"]
            shoe store                    ¦ ["shop"="shoes"]["name"]
            store                         ¦ ["shop"]["name"]
            Starbucks                     ¦ ["name"~"Starbucks",i]
            Starbucks coffee              ¦ ["amenity"="cafe"]["name"~"Starbucks",i]
            Joe's diner                   ¦ ["amenity"="restaurant"]["name"~"Joe('|’|`)s",i]
            Café Müller                   ¦ ["amenity"="cafe"]["name"~"Müller",i]
            the                           ¦ ["name"~"the",i]
            C++                           ¦ ["name"~"C",i]
            a.b                           ¦ ["name"~"a\\\\.b",i]
            1"]                           ¦ ["name"~"1",i]
            1"]2                          ¦ ["name"~"1\\"\\\\]2",i]
            """)
    void termsBecomeConditions(String terms, String expected) {
        assertThat(text(terms)).isEqualTo(expected);
    }

    @Test
    void endlessTermsAreCut() {
        assertThat(text("x".repeat(100_000))).hasSizeLessThan(200);
        assertThat(text("x ".repeat(100_000))).hasSizeLessThan(1_000);
        assertThat(words.filters("dentist doctor hardware locksmith ice cream ".repeat(1_000)))
                .hasSizeLessThanOrEqualTo(24);
    }

    @Test
    void everyWordOfTheTableMeansItsTag() {
        for (SearchTags.Tagged entry : OpenstreetmapNode.shippedTags().tags()) {
            for (String phrase : entry.words()) {
                assertThat(words.filters(phrase))
                        .as(phrase)
                        .anySatisfy(filters -> assertThat(filters).containsAll(entry.filters()));
            }
        }
    }

    @Test
    void aTagThatIsNoneIsNamed() {
        SearchTags broken =
                new SearchTags(List.of(new SearchTags.Tagged("amenity=cafe, \"];", List.of("cafe"))), List.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SearchWords(broken))
                .withMessageContaining("config/places/openstreetmap.yaml")
                .withMessageContaining("\"];");
    }

    private String text(String terms) {
        return words.filters(terms).stream()
                .map(filters -> filters.stream().map(TagFilter::text).collect(Collectors.joining()))
                .collect(Collectors.joining("   "));
    }
}
