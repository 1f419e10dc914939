package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrmExportTest {

    @Test
    void hubspotFilesHaveTheDocumentedHeaderRowAndCompanies() throws IOException {
        assertThat(Places.text("hubspot", Places.FULL))
                .isEqualTo("First Name,Last Name,Phone,Website,Company,StreetAddress,City,State,Zip,Country,Rating\r\n"
                        + ",,+12123661182,https://joes.example/menu,\"Joe's \"\"Pizza\"\", Käse & Co\",124 Fulton St,"
                        + "New York,NY,00501,United States,4.5\r\n");
    }

    @Test
    void salesforceFilesHaveTheDocumentedHeaderRowAndAccounts() throws IOException {
        assertThat(Places.text("salesforce", Places.FULL))
                .isEqualTo(
                        "Name,Phone,Website,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry\r\n"
                                + "\"Joe's \"\"Pizza\"\", Käse & Co\",+12123661182,https://joes.example/menu,124 Fulton St,"
                                + "New York,New York,00501,United States\r\n");
    }

    @Test
    void pipedriveFilesHaveOrganizations() throws IOException {
        assertThat(Places.row("pipedrive", Places.FULL))
                .containsEntry("Organization - Name", "Joe's \"Pizza\", Käse & Co")
                .containsEntry("Organization - Address", "124 Fulton St, New York, NY 00501, United States")
                .containsEntry("Organization - Email", "joe@joes.example")
                .containsEntry("Organization - Rating", "4.5");
    }

    @Test
    void zohoFilesHaveAccountsWithoutTheCharactersThatItRefuses() throws IOException {
        assertThat(Places.row("zoho", Places.FULL))
                .containsEntry("Account Name", "Joe's Pizza , Käse & Co")
                .containsEntry("Billing Code", "00501")
                .containsEntry("Billing Country", "United States");
        assertThat(Places.row("zoho", Places.with("placeName", "<script>a|b</script>")))
                .containsEntry("Account Name", "script a b /script");
    }

    @Test
    void aRecordAlwaysHasItsName() throws IOException {
        for (String format : new String[] {"hubspot", "salesforce", "pipedrive", "zoho"}) {
            assertThat(Places.row(format, Places.BARE).values()).as(format).containsOnlyOnce("bare-1");
        }
        assertThat(Places.row("salesforce", Places.with("placeName", " \n ", "website", "https://a.example/")))
                .containsEntry("Name", "https://a.example/");
    }

    @Test
    void valuesAreNoLongerThanTheFieldsOfAnAccount() throws IOException {
        String place = Places.with(
                "placeName",
                "=" + "n".repeat(300),
                "phoneNumber",
                "1".repeat(60),
                "website",
                "https://a.example/" + "w".repeat(300) + "?q=1",
                "address",
                Map.of(
                        "street",
                        "s".repeat(300),
                        "city",
                        "c".repeat(60),
                        "state",
                        "t".repeat(90),
                        "postalCode",
                        "p".repeat(30)),
                "countryCode",
                "US");

        assertThat(Places.row("salesforce", place))
                .containsEntry("Name", "'=" + "n".repeat(253))
                .containsEntry("Phone", "1".repeat(40))
                .containsEntry("Website", "https://a.example/")
                .containsEntry("BillingStreet", "s".repeat(255))
                .containsEntry("BillingCity", "c".repeat(40))
                .containsEntry("BillingState", "t".repeat(80))
                .containsEntry("BillingPostalCode", "p".repeat(20));
    }

    @Test
    void aCharacterOutsideTheBasicPlaneIsNotCutInHalf() throws IOException {
        assertThat(Places.row("salesforce", Places.with("placeName", "n".repeat(254) + "🍕")))
                .containsEntry("Name", "n".repeat(254));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            US, NY,          New York
            US, ny,          New York
            US, California,  California
            US, Chuuk,       Chuuk
            CA, QC,          Quebec
            AU, WA,          Western Australia
            IT, Lombardia,   Lombardia
            DE, Bayern,      ''
            FR, Normandie,   ''
            '', Somewhere,   ''
            """)
    void salesforceGetsFullNamesOfStatesAndNoStateWhereItsListHasNone(String country, String state, String expected)
            throws IOException {
        String place = Places.with("countryCode", country, "address", Map.of("state", state));

        assertThat(Places.row("salesforce", place)).containsEntry("BillingState", expected);
        assertThat(Places.row("hubspot", place)).containsEntry("State", state);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            US, United States,  United States
            gb, United Kingdom, United Kingdom
            KR, South Korea,    'Korea, Republic of'
            VN, Vietnam,        Viet Nam
            NO, Norway,         Norway
            ZZ, ZZ,             ZZ
            '', '',             ''
            """)
    void countriesAreNamedInEnglish(String code, String hubspot, String salesforce) throws IOException {
        assertThat(Places.row("hubspot", Places.with("countryCode", code))).containsEntry("Country", hubspot);
        assertThat(Places.row("salesforce", Places.with("countryCode", code)))
                .containsEntry("BillingCountry", salesforce);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            US, (212) 366-1182,          +12123661182
            '', +1 (212) 366-1182,       +12123661182
            CY, 22 123456,               +35722123456
            DE, 030 901820,              +4930901820
            GB, +1 212-366-1182,         +12123661182
            DE, +49 30 901820 ext. 5,    +4930901820
            US, 12345,                   12345
            '', 030 901820,              030 901820
            US, +999 123,                +999 123
            US, call us,                 call us
            US, =1+1,                    '''=1+1'
            '', +49 30 A1,               '''+49 30 A1'
            """)
    void phoneNumbersAreInE164WhereTheyCanBeParsed(String country, String phone, String expected) throws IOException {
        assertThat(Places.row("salesforce", Places.with("countryCode", country, "phoneNumber", phone)))
                .containsEntry("Phone", expected);
    }

    @Test
    void valuesAreOnOneLine() throws IOException {
        assertThat(Places.text("hubspot", Places.with("placeName", " a\r\n\tb\u2028c\u00A0 ")))
                .contains(",a b c,")
                .hasLineCount(2);
    }
}
