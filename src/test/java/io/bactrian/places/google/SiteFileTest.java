package io.bactrian.places.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteFileTest {
    static final Path SHIPPED = Path.of("config/places/google-maps.yaml");

    @TempDir
    private Path directory;

    @Test
    void theShippedFileIsUnderstood() {
        Site site = SiteFile.read(SHIPPED);

        assertThat(site.fields()).hasSize(Field.values().length);
        assertThat(site.search().timeout()).isEqualTo(Duration.ofMinutes(3));
        assertThat(site.sources(Field.TITLE).data()).hasToString("[place[11]]");
        assertThat(site.place().awaited()).contains(Field.FULL_ADDRESS);
        assertThat(site.hours().data()).hasSize(2);
        assertThat(site.reviews().data().getFirst().author()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            place[4][7]                     | place[4[7]               | fields.rating.data[0]    | index path
            place[4][7]                     | page[4][7]               | fields.rating            | must begin with place
            feed: 'div[role="feed"]'        | feed: 'div[role="feed"'  | search.feed              | selector
            feed: 'div[role="feed"]'        | feed: 'div:contains(x)'  | search.feed              | standard CSS
            feed: 'div[role="feed"]'        | feeds: 'div'             | search                   | feed
            '^phone:tel:(.+)'               | '^phone:tel:(.+'         | document[1].pattern      | regular expression
              title:                        |   titel:                 | titel                    | Field
            saturation: 110                 | saturation: many         | search.saturation        | many
            saturation: 110                 | saturation: 0            | search                   | at least 1
              timeout: 3m                   |   timeout: soon          | search.timeout           | soon
            idle-scrolls: 3                 | idle-scrolls: 3\\n  extra: 1 | search.extra          | means nothing here
            day: "day[0]"                   | day: "place[0]"          | hours.data               | must begin with day
            """)
    void whatIsWrongIsSaidWithItsPlace(String shipped, String written, String key, String why) {
        Path file = changed(shipped, written.replace("\\n", "\n"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SiteFile.read(file))
                .withMessageContaining(file.toString())
                .withMessageContaining(key)
                .withMessageContaining(why);
    }

    @Test
    void aFieldThatIsLeftOutIsNamed() {
        Path file = changed("  postal-code:\n    data: [\"place[183][1][4]\"]\n", "");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SiteFile.read(file))
                .withMessageContaining("fields.postal-code must be there");
    }

    @Test
    void aFileThatIsMissingOrNoYamlIsSaid() throws IOException {
        Path broken = Files.writeString(directory.resolve("broken.yaml"), "search: [");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SiteFile.read(directory.resolve("absent.yaml")))
                .withMessageContaining("absent.yaml is missing")
                .withMessageContaining("bactrian.places.google-maps.site");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SiteFile.read(broken))
                .withMessageContaining("is not valid YAML");
    }

    private Path changed(String shipped, String written) {
        try {
            String text = Files.readString(SHIPPED);
            assertThat(text).contains(shipped);
            return Files.writeString(directory.resolve("changed.yaml"), text.replace(shipped, written));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
