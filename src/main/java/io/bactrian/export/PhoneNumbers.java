package io.bactrian.export;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Phone numbers as people write them, and in E.164. */
final class PhoneNumbers {
    private static final PhoneNumberUtil LIBRARY = PhoneNumberUtil.getInstance();

    /** With nothing in it but constants and signs, so that a spreadsheet could at worst add them up. */
    private static final Pattern PLAIN = Pattern.compile("\\+?[0-9(][0-9 ()./\\u00A0-]{2,38}+");

    private PhoneNumbers() {}

    /** A cell that shows the number as it is written. */
    static Cell cell(String text) {
        return new Cell(PLAIN.matcher(text).matches() ? Cell.Kind.PHONE : Cell.Kind.TEXT, text);
    }

    /**
     * The number in E.164 (ITU-T), such as {@code +12123661182}, or empty where it is none that could be called.
     *
     * @param countryCode where a number without a country's prefix belongs, ISO 3166-1 alpha-2, or empty
     */
    static Optional<String> e164(String text, String countryCode) {
        try {
            PhoneNumber number = LIBRARY.parse(text, countryCode.toUpperCase(Locale.ROOT));
            return LIBRARY.isValidNumber(number)
                    ? Optional.of(LIBRARY.format(number, PhoneNumberFormat.E164))
                    : Optional.empty();
        } catch (NumberParseException unreadable) {
            return Optional.empty();
        }
    }
}
