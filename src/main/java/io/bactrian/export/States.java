package io.bactrian.export;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The names of states and provinces by their codes (ISO 3166-2), where addresses are written with the codes. */
final class States {
    private static final Map<String, Map<String, String>> NAMES =
            Map.of("US", parsed("""
                    AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut DE=Delaware
                    DC=District_of_Columbia FL=Florida GA=Georgia HI=Hawaii ID=Idaho IL=Illinois IN=Indiana IA=Iowa
                    KS=Kansas KY=Kentucky LA=Louisiana ME=Maine MD=Maryland MA=Massachusetts MI=Michigan MN=Minnesota
                    MS=Mississippi MO=Missouri MT=Montana NE=Nebraska NV=Nevada NH=New_Hampshire NJ=New_Jersey
                    NM=New_Mexico NY=New_York NC=North_Carolina ND=North_Dakota OH=Ohio OK=Oklahoma OR=Oregon
                    PA=Pennsylvania RI=Rhode_Island SC=South_Carolina SD=South_Dakota TN=Tennessee TX=Texas UT=Utah
                    VT=Vermont VA=Virginia WA=Washington WV=West_Virginia WI=Wisconsin WY=Wyoming"""), "CA", parsed("""
                    AB=Alberta BC=British_Columbia MB=Manitoba NB=New_Brunswick NL=Newfoundland_and_Labrador
                    NT=Northwest_Territories NS=Nova_Scotia NU=Nunavut ON=Ontario PE=Prince_Edward_Island QC=Quebec
                    SK=Saskatchewan YT=Yukon"""), "AU", parsed("""
                    ACT=Australian_Capital_Territory NSW=New_South_Wales NT=Northern_Territory QLD=Queensland
                    SA=South_Australia TAS=Tasmania VIC=Victoria WA=Western_Australia"""));

    private States() {}

    /** The name of the state with that code in that country; the text as it is where there is none. */
    static String name(String text, String countryCode) {
        return NAMES.getOrDefault(countryCode, Map.of()).getOrDefault(text.toUpperCase(Locale.ROOT), text);
    }

    private static Map<String, String> parsed(String names) {
        return Arrays.stream(names.split("\\s+"))
                .map(entry -> entry.split("="))
                .collect(Collectors.toUnmodifiableMap(entry -> entry[0], entry -> entry[1].replace('_', ' ')));
    }
}
