package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceFormatsTest {
    @TempDir
    private Path directory;

    @Test
    void anOperatorAddsAFormatByAFile() throws IOException {
        Files.writeString(directory.resolve("README.md"), "Not a format.");
        Files.writeString(directory.resolve("my-crm.yaml"), """
                columns:
                  - {heading: Source, fallback: Bactrian}
                  - {heading: Contact, source: [emails.1, emails.0, phoneNumber], fallback: nobody}
                  - {heading: Country, source: countryCode, format: country-code}
                  - {heading: Kind, source: category, values: {Pizza restaurant: Food, x: y}}
                  - {heading: All, source: categories}
                """);
        PlaceFormats formats = PlaceFormats.of(directory);

        assertThat(formats.names()).containsExactly("json", "csv", "xlsx", "my-crm");
        assertThat(new String(Places.export(formats, "my-crm", Places.FULL, Places.BARE), UTF_8))
                .isEqualTo("""
                Source,Contact,Country,Kind,All
                Bactrian,info@joes.example,US,Food,"Pizza restaurant, Restaurant"
                Bactrian,nobody,,,
                """.replace("\n", "\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            columns: []                                            | columns must be a list
            []                                                     | must be a mapping
            {columns: [{heading: A}], header: x}                   | header is unknown
            columns: [A]                                           | columns[0] must be a mapping
            columns: [{source: placeName}]                         | columns[0].heading is missing
            columns: [{heading: 5}]                                | columns[0].heading must be a text
            columns: [{heading: "=A"}]                             | columns[0].heading must not begin
            columns: [{heading: A}, {heading: A}]                  | columns[1].heading is that of another
            columns: [{heading: A, sourc: x}]                      | columns[0].sourc is unknown
            columns: [{heading: A, source: "a..b"}]                | columns[0].source must be a path
            columns: [{heading: A, source: [a, 5]}]                | columns[0].source must be a path
            columns: [{heading: A, format: e.164}]                 | columns[0].format must be one of text, e164,
            columns: [{heading: A, max-length: 0}]                 | columns[0].max-length must be a whole number
            columns: [{heading: A, max-length: "9"}]               | columns[0].max-length must be a whole number
            columns: [{heading: A, max-length: 2, fallback: abc}]  | columns[0].fallback must be no longer
            columns: [{heading: A, values: [x]}]                   | columns[0].values must be a mapping
            columns: [{heading: A, values: {x: 5}}]                | columns[0].values.x must be a text
            columns: [{heading: A, countries: [NO]}]               | columns[0].countries must be ISO 3166-1
            columns: [{heading: A, countries: us}]                 | columns[0].countries must be ISO 3166-1
            {columns: [{heading: A}], forbidden-characters: 5}     | forbidden-characters must be a text
            columns: [{heading: A, heading: B}]                    | cannot be read as YAML
            "columns: [{heading: A}"                               | must be a mapping
            columns: [{heading: A                                  | cannot be read as YAML
            """)
    void aWrongFileIsRefusedByNameAndKey(String yaml, String problem) throws IOException {
        Files.writeString(directory.resolve("crm.yaml"), yaml);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceFormats.of(directory))
                .withMessageContaining("crm.yaml: ")
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "csv", "xlsx"})
    void theBuiltInFormatsCannotBeRedefined(String name) throws IOException {
        Files.writeString(directory.resolve(name + ".yaml"), "columns: [{heading: A}]");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceFormats.of(directory))
                .withMessageContaining(name + ".yaml: the format " + name + " is built in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HubSpot.yaml", "my crm.yaml", "crm.yml", "1.yaml"})
    void aFileWithAnotherKindOfNameIsNotOverlooked(String file) throws IOException {
        Files.writeString(directory.resolve(file), "columns: [{heading: A}]");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceFormats.of(directory))
                .withMessageContaining(file)
                .withMessageContaining("Rename the file");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlaceFormats.of(directory.resolve("gone")))
                .withMessageContaining("bactrian.exports.directory")
                .withMessageContaining("gone");
    }
}
