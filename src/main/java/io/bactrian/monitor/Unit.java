package io.bactrian.monitor;

import java.util.Comparator;
import java.util.Currency;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a number counts: one of some currencies, percent, or anything.
 *
 * <p>A sign such as {@code $} or {@code kr} stands for several currencies. Two units are of the same kind if they have one in
 * common, or if one of them says nothing.
 *
 * @param codes of ISO 4217, or a sign of its own; empty for anything
 */
record Unit(Set<String> codes, boolean isContradiction) {
    static final Unit NONE = new Unit(Set.of(), false);

    private static final Set<String> ISO = Currency.getAvailableCurrencies().stream()
            .map(Currency::getCurrencyCode)
            .collect(Collectors.toSet());

    private static final String DOLLARS =
            "USD AUD BBD BMD BND BSD BZD CAD CLP COP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD "
                    + "SRD TTD TWD UYU XCD ARS";

    /** What is written for currencies beside their codes, in the case in which it is written; longer ones first. */
    private static final List<Mark> MARKS = marks(Map.ofEntries(
            Map.entry("$", DOLLARS),
            Map.entry("US$ U$S $US US $", "USD"),
            Map.entry("CA$ C$ CAD$ $CAD", "CAD"),
            Map.entry("A$ AU$ AUD$", "AUD"),
            Map.entry("NZ$", "NZD"),
            Map.entry("HK$", "HKD"),
            Map.entry("S$ SG$", "SGD"),
            Map.entry("NT$", "TWD"),
            Map.entry("MX$ Mex$", "MXN"),
            Map.entry("R$", "BRL"),
            Map.entry("AR$", "ARS"),
            Map.entry("€ eur Eur Euro EURO euro euros", "EUR"),
            Map.entry("£ gbp", "GBP EGP LBP SYP FKP GIP SHP SDG"),
            Map.entry("¥ 円", "JPY CNY"),
            Map.entry("CN¥ RMB 元", "CNY"),
            Map.entry("JP¥", "JPY"),
            Map.entry("₹ Rs Rs. inr", "INR PKR LKR NPR MUR SCR"),
            Map.entry("kr kr. Kr Kr. KR :-", "SEK NOK DKK ISK"),
            Map.entry("sek", "SEK"),
            Map.entry("nok", "NOK"),
            Map.entry("dkk", "DKK"),
            Map.entry("SFr. SFr Fr. Fr fr. chf", "CHF"),
            Map.entry("F FCFA CFA", "XAF XOF"),
            Map.entry("Kč Kčs KČ", "CZK"),
            Map.entry("zł zł. zl ZŁ", "PLN"),
            Map.entry("Ft Ft. FT", "HUF"),
            Map.entry("lei Lei LEI leu", "RON MDL"),
            Map.entry("лв лв.", "BGN"),
            Map.entry("₽ руб руб. р. р", "RUB"),
            Map.entry("₴ грн грн.", "UAH"),
            Map.entry("₸ тг тг.", "KZT"),
            Map.entry("₺ TL tl", "TRY"),
            Map.entry("₪", "ILS"),
            Map.entry("₩ 원", "KRW"),
            Map.entry("₫ đ Đ", "VND"),
            Map.entry("฿ บาท", "THB"),
            Map.entry("₱", "PHP"),
            Map.entry("₦", "NGN"),
            Map.entry("₡", "CRC"),
            Map.entry("₲ Gs. Gs", "PYG"),
            Map.entry("₵ GH₵", "GHS"),
            Map.entry("RM", "MYR"),
            Map.entry("Rp Rp.", "IDR"),
            Map.entry("R", "ZAR"),
            Map.entry("KSh KSh. Ksh", "KES"),
            Map.entry("S/ S/.", "PEN"),
            Map.entry("Bs Bs.", "BOB VES"),
            Map.entry("din. din дин.", "RSD"),
            Map.entry("KM", "BAM"),
            Map.entry("د.إ. د.إ Dhs Dh dh DH Dhs. درهم", "AED MAD"),
            Map.entry("ر.س. ر.س SR", "SAR"),
            Map.entry("ريال", "SAR QAR OMR YER IRR"),
            Map.entry("د.ك. د.ك KD", "KWD"),
            Map.entry("ج.م. ج.م جنيه", "EGP"),
            Map.entry("ر.ق", "QAR"),
            Map.entry("د.ب BD", "BHD"),
            Map.entry("د.ت DT", "TND"),
            Map.entry("د.م. د.م", "MAD"),
            Map.entry("تومان", "IRT"),
            Map.entry("% ٪", "%"),
            Map.entry("‰", "‰"),
            Map.entry("¢ ct ct.", "cent"),
            Map.entry("p", "penny")));

    /** A piece of text at the start or end of another, and what it says; the text is empty where there is none. */
    record Mark(String text, Unit unit) {}

    private static final Mark NOTHING = new Mark("", NONE);

    private static List<Mark> marks(Map<String, String> table) {
        Map<String, Unit> units = new HashMap<>();
        ISO.forEach(code -> units.put(code, of(code)));
        table.forEach((signs, codes) -> Stream.of(
                        signs.replace("US $", "US\u00A0$").split(" ", -1))
                .forEach(sign -> units.put(sign.replace('\u00A0', ' '), of(codes))));
        return units.entrySet().stream()
                .map(entry -> new Mark(PlainText.of(entry.getKey()), entry.getValue()))
                .sorted(Comparator.comparingInt((Mark mark) -> -mark.text().length())
                        .thenComparing(Mark::text))
                .toList();
    }

    private static Unit of(String codes) {
        return new Unit(Set.of(codes.split(" ", -1)), false);
    }

    /** The unit that a text begins with. */
    static Mark atStart(String text) {
        return MARKS.stream()
                .filter(mark -> text.startsWith(mark.text())
                        && isApart(mark.text(), text, mark.text().length()))
                .findFirst()
                .orElseGet(() -> unknownSign(text, 0));
    }

    /** The unit that a text ends with. */
    static Mark atEnd(String text) {
        return MARKS.stream()
                .filter(mark -> text.endsWith(mark.text())
                        && isApart(
                                mark.text(), text, text.length() - mark.text().length() - 1))
                .findFirst()
                .orElseGet(() -> unknownSign(text, text.length() - 1));
    }

    /** Whether a mark of letters is a word: no other letter stands beside it. */
    private static boolean isApart(String mark, String text, int neighbour) {
        boolean letters =
                Character.isLetter(mark.codePointAt(0)) || Character.isLetter(mark.codePointBefore(mark.length()));
        return !letters || neighbour < 0 || neighbour >= text.length() || !Character.isLetter(text.charAt(neighbour));
    }

    private static Mark unknownSign(String text, int index) {
        if (index < 0 || index >= text.length() || Character.getType(text.charAt(index)) != Character.CURRENCY_SYMBOL) {
            return NOTHING;
        }
        String sign = String.valueOf(text.charAt(index));
        return new Mark(sign, of(sign));
    }

    /** What both say together, as in {@code $12 CAD}. */
    Unit and(Unit other) {
        if (codes.isEmpty() || other.codes.isEmpty()) {
            return codes.isEmpty() ? new Unit(other.codes, isContradiction || other.isContradiction) : this;
        }
        Set<String> both = new HashSet<>(codes);
        both.retainAll(other.codes);
        return new Unit(both, isContradiction || both.isEmpty());
    }

    /** Whether numbers of both can be compared. */
    boolean isLike(Unit other) {
        return !and(other).isContradiction();
    }

    /** Whether its numbers have three decimals rather than thousands, as Kuwaiti dinars and percentages do. */
    boolean hasThreeDecimals() {
        return !codes.isEmpty()
                && codes.stream()
                        .allMatch(code -> code.equals("%")
                                || code.equals("‰")
                                || (ISO.contains(code)
                                        && Currency.getInstance(code).getDefaultFractionDigits() == 3));
    }
}
