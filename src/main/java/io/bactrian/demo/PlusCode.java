package io.bactrian.demo;

/** Open Location Codes of ten digits, which name areas of about 14 × 14 m. */
final class PlusCode {
    private static final String DIGITS = "23456789CFGHJMPQRVWX";
    private static final int PAIRS = 5;
    private static final int SEPARATOR = 8;

    private PlusCode() {}

    static String of(double latitude, double longitude) {
        // The last digit of each is worth 1/8000 of a degree; from there every digit is worth twenty times the next
        // one.
        long north = (long) Math.floor((latitude + 90) * 8000);
        long east = (long) Math.floor((longitude + 180) * 8000);
        StringBuilder code = new StringBuilder();
        for (int pair = 0; pair < PAIRS; pair++) {
            code.insert(0, DIGITS.charAt((int) (east % DIGITS.length())));
            code.insert(0, DIGITS.charAt((int) (north % DIGITS.length())));
            north /= DIGITS.length();
            east /= DIGITS.length();
        }
        return code.insert(SEPARATOR, '+').toString();
    }
}
