package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceExportTest {
    private static final String HEADER =
            "place_name,category,rating,url,review_count,price_level,phone,website,street,neighborhood,city,state,"
                    + "postal_code,country_code,full_address,latitude,longitude,place_id,permanently_closed,"
                    + "temporarily_closed,scraped_at\r\n";

    @Test
    void theFormatsAreTheBuiltInOnesAndThoseOfTheConfiguration() {
        assertThat(Places.FORMATS.names())
                .containsExactly("json", "csv", "xlsx", "hubspot", "pipedrive", "salesforce", "zoho");
        assertThat(Places.FORMATS.find("hubspot")).hasValueSatisfying(format -> {
            assertThat(format.name()).isEqualTo("hubspot");
            assertThat(format.mediaType()).isEqualTo("text/csv; charset=utf-8");
            assertThat(format.extension()).isEqualTo("csv");
        });
        assertThat(Places.FORMATS.find("json"))
                .hasValueSatisfying(format -> assertThat(format.mediaType()).isEqualTo("application/json"));
        assertThat(Places.FORMATS.find("xlsx"))
                .hasValueSatisfying(format -> assertThat(format.extension()).isEqualTo("xlsx"));
        assertThat(Places.FORMATS.find("HubSpot")).isEmpty();
        assertThat(Places.FORMATS.find("../hubspot")).isEmpty();
    }

    @Test
    void jsonIsAnArrayOfThePlacesAsTheyAreStored() throws IOException {
        String text = Places.text("json", Places.FULL, Places.BARE);

        assertThat(Places.MAPPER.readTree(text)).hasSize(2);
        assertThat(Places.MAPPER.readTree(text).get(0)).isEqualTo(Places.MAPPER.readTree(Places.FULL));
        assertThat(text.lines()).hasSize(4).contains(Places.FULL + ",");
        assertThat(Places.text("json")).isEqualTo("[]\n");
    }

    @Test
    void csvHasTheDocumentedColumns() throws IOException {
        assertThat(Places.text("csv", Places.FULL, Places.BARE))
                .isEqualTo(HEADER
                        + "\"Joe's \"\"Pizza\"\", Käse & Co\",Pizza restaurant,4.5,"
                        + "https://maps.example/maps/place/Joe/data=!4m7!3m6?hl=en&x=1,234,2,(212) 366-1182,"
                        + "https://joes.example/menu,124 Fulton St,Two Bridges,New York,NY,00501,US,"
                        + "\"124 Fulton St, New York, NY 00501, United States\",40.7074,-74.0023,"
                        + "ChIJoQ2tL7ZawokRYnrwPJB7AW0,false,true,2026-02-21T16:04:30.123Z\r\n"
                        + ",,,,,,,,,,,,,,,,,bare-1,,,2026-02-21T16:04:30.123Z\r\n");
        assertThat(Places.text("csv")).isEqualTo(HEADER);
    }

    @Test
    void noFileBeginsWithAByteOrderMark() throws IOException {
        for (String name : Places.FORMATS.names()) {
            assertThat(Places.export(name, Places.FULL)[0]).as(name).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "hubspot", "salesforce", "pipedrive", "zoho"})
    void whatMayBeAFormulaIsNeutralised(String format) throws IOException {
        for (String formula : new String[] {"=1+1", "+SUM(A1)", "-2+3", "@x", "=HYPERLINK(\"http://x.example\")"}) {
            String place =
                    Places.with("placeName", formula, "phoneNumber", formula, "website", formula, "url", formula);

            assertThat(Places.row(format, place).values())
                    .as(formula)
                    .noneMatch(value -> value.startsWith("=") || value.startsWith("@"))
                    .noneMatch(value -> value.startsWith("+") || value.startsWith("-"))
                    .anyMatch(value -> value.startsWith("'"));
        }
    }

    @Test
    void aTabOrLineBreakBeforeAFormulaHidesNothing() throws IOException {
        assertThat(Places.row("csv", Places.with("placeName", "\t=1"))).containsEntry("place_name", "'\t=1");
        assertThat(Places.row("hubspot", Places.with("placeName", "\r\n=1"))).containsEntry("Company", "'=1");
    }

    @Test
    void phoneNumbersAsTheProviderWritesThemStayAsTheyAre() throws IOException {
        assertThat(Places.row("csv", Places.with("phoneNumber", "+1 (212) 366-1182")))
                .containsEntry("phone", "+1 (212) 366-1182");
        assertThat(Places.row("csv", Places.with("phoneNumber", "+1 (212) 366-1182*A1")))
                .containsEntry("phone", "'+1 (212) 366-1182*A1");
    }

    @Test
    void hostileValuesStayWithinTheirCells() throws IOException {
        String text = "a,\"b\"\r\nc,d\u0000;\uD800";
        String nested = "[".repeat(20_000) + "]".repeat(20_000);
        String place =
                "{\"reviews\":" + nested + ",\"placeName\":" + Places.json(text).replace("\\uD800", "")
                        + ",\"address\":[1,{\"city\":\"x\"}],\"category\":{\"a\":{\"b\":1},\"c\":\"d\"},\"placeId\":\"p\"}";

        assertThat(Places.row("csv", place))
                .containsEntry("category", "d")
                .containsEntry("city", "")
                .containsEntry("place_id", "p")
                .hasSize(21);
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "xlsx", "hubspot"})
    void malformedStoredJsonIsADefectAndLeavesTheFileIncomplete(String format) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Places.export(format, "{\"placeName\""))
                .withMessageContaining("malformed");
        assertThatIllegalStateException()
                .isThrownBy(() -> Places.export(format, "[]"))
                .withMessageContaining("no JSON object");
    }

    @Test
    void anAbandonedFileIsVisiblyIncomplete() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PlaceSink sink = Places.FORMATS.find("json").orElseThrow().open(out);
        sink.write(Places.FULL);
        sink.abandon();
        sink.close();
        sink.close();

        assertThat(out.toString(UTF_8)).doesNotContain("]\n");
        assertThatIllegalStateException().isThrownBy(() -> sink.write(Places.FULL));
    }
}
