package io.bactrian.export;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a value looks like in a CRM's import. */
enum ValueFormat {
    /** As it is. */
    TEXT("text") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            return shortened(text, maxLength);
        }
    },
    /** A phone number in E.164; as it is where it can't be understood. */
    E164("e164") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            Cell cell = PhoneNumbers.cell(PhoneNumbers.e164(text, countryCode).orElse(text));
            return cell.kind() == Cell.Kind.PHONE && cell.text().length() <= maxLength
                    ? cell
                    : shortened(text, maxLength);
        }
    },
    /** The English name of a country by its ISO 3166-1 code. */
    COUNTRY_NAME("country-name") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            String code = text.toUpperCase(Locale.ROOT);
            return shortened(
                    COUNTRIES.contains(code) ? Locale.of("", code).getDisplayCountry(Locale.ENGLISH) : text, maxLength);
        }
    },
    /** An ISO 3166-1 code in capitals, and nothing else. */
    COUNTRY_CODE("country-code") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            String code = text.toUpperCase(Locale.ROOT);
            return COUNTRIES.contains(code) && code.length() <= maxLength ? Cell.ofText(code) : Cell.EMPTY;
        }
    },
    /** The name of a state by its code, where we know the codes of its country; as it is elsewhere. */
    STATE_NAME("state-name") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            return shortened(States.name(text, countryCode), maxLength);
        }
    },
    /** An absolute http(s) URL, and nothing else. */
    WEBSITE("website") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            return WebAddress.of(text, maxLength).map(Cell::ofText).orElse(Cell.EMPTY);
        }
    },
    /** A number with a decimal point, and nothing else. */
    NUMBER("number") {
        @Override
        Cell cell(String text, String countryCode, int maxLength) {
            return NUMERAL.matcher(text).matches() && text.length() <= maxLength
                    ? new Cell(Cell.Kind.NUMBER, text)
                    : Cell.EMPTY;
        }
    };

    private static final Set<String> COUNTRIES = Locale.getISOCountries(Locale.IsoCountryCode.PART1_ALPHA2);
    private static final Pattern NUMERAL = Pattern.compile("-?[0-9]{1,30}(?:\\.[0-9]{1,30})?");

    private final String key;

    ValueFormat(String key) {
        this.key = key;
    }

    /** The name in the YAML of a format. */
    String key() {
        return key;
    }

    /**
     * The value of a place's text; empty where the text is no such value.
     *
     * @param text on one line, without whitespace at its ends, and not empty
     * @param countryCode of the place, ISO 3166-1 alpha-2, or empty
     */
    abstract Cell cell(String text, String countryCode, int maxLength);

    /** The text, neutralised and then cut, so that an apostrophe counts too. */
    static Cell shortened(String text, int maxLength) {
        return Cell.ofText(
                SafeText.truncated(SafeText.neutralised(text), maxLength).strip());
    }
}
