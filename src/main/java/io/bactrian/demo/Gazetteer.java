package io.bactrian.demo;

import io.bactrian.demo.SamplePlace.Address;
import io.bactrian.demo.SamplePlace.Day;
import io.bactrian.demo.SamplePlace.Form;
import io.bactrian.demo.SamplePlace.Review;
import io.bactrian.demo.SamplePlace.Span;
import io.bactrian.demo.SamplePlace.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The places of the sample map, the same ones on each run: an invented city on an invented island, crowded in its middle and
 * thin at its edges.
 */
final class Gazetteer {
    static final String CITY = "Marlhaven";
    static final double LATITUDE = 53.5;
    static final double LONGITUDE = 2.5;
    static final String COUNTRY_CODE = "GB";

    private static final long SEED = 1492;
    private static final double EDGE_LATITUDE = 0.062;
    private static final double EDGE_LONGITUDE = 0.104;
    /** 2026-06-01T12:00:00Z. */
    private static final long NEWEST_REVIEW = 1_780_315_200_000_000L;

    private static final List<String> NEIGHBOURHOODS =
            List.of("Old Harbour", "Ropewalk", "St Brannock's", "Northgate", "Tanners' Row", "Gullcliff", "Millpond");
    private static final List<String> STREETS = List.of(
            "Harbour Street",
            "Lantern Lane",
            "Saltmarket",
            "Cooper's Yard",
            "Bishop's Walk",
            "Gull Terrace",
            "Weighhouse Road",
            "Chandler Street",
            "Upper Mill Road",
            "Fishergate");
    private static final List<String> AUTHORS = List.of(
            "Ada M.", "Jonas Weiß", "Оля К.", "Li Na", "Sam <3 Coffee", "O'Brien", "Zoë", "Ravi \"RJ\" J.", "🦊");
    private static final List<String> TEXTS = List.of(
            "Friendly people, and the best flat white of the harbour.",
            "Too loud on Saturdays.\nGo early, sit at the back.",
            "\"Worth the climb\" said my guide – and it was 😀",
            "Nice & quiet <b>most</b> of the time; 5 > 4 stars!",
            "=1+1 is what I paid, more or less.",
            "Schöne Aussicht, etwas teuer.",
            "Fine.");

    private Gazetteer() {}

    static List<SamplePlace> places() {
        Random random = new Random(SEED);
        List<SamplePlace> places = new ArrayList<>();
        for (PlaceKind kind : PlaceKind.ALL) {
            for (int index = 0; index < kind.size(); index++) {
                places.add(place(places.size() + 1, kind, index, random));
            }
        }
        return List.copyOf(places);
    }

    private static SamplePlace place(int number, PlaceKind kind, int index, Random random) {
        String name = kind.name(index, random);
        double latitude = LATITUDE;
        double longitude = LONGITUDE;
        if (kind.size() > 1) {
            double spread = random.nextDouble();
            double width = spread < 0.4 ? 0.09 : spread < 0.75 ? 0.3 : 0.75;
            latitude = degrees(LATITUDE + EDGE_LATITUDE * deviation(width, random));
            longitude = degrees(LONGITUDE + EDGE_LONGITUDE * deviation(width, random));
        }
        long cell = random.nextLong() >>> 1;
        long cid = random.nextLong();
        boolean rated = known(94, random);
        double rating = Math.clamp(Math.round(43 + random.nextGaussian() * 5), 10, 50) / 10.0;
        int reviewCount = 1 + (int) (Math.pow(random.nextDouble(), 3) * 2400);
        int priceLevel = 1 + Math.min(3, (int) (random.nextDouble() * random.nextDouble() * 5));
        return new SamplePlace(
                number,
                kind.term(),
                name,
                placeId(cell, cid),
                "0x%x:0x%x".formatted(cell, cid),
                Long.toUnsignedString(cid),
                known(97, random) ? kind.categories(random) : List.of(),
                latitude,
                longitude,
                rated ? rating : null,
                rated ? reviewCount : null,
                known(70, random) ? priceLevel : null,
                address(random),
                known(88, random) ? String.format(Locale.ROOT, "+44 113 496 %04d", number) : null,
                known(80, random) ? "https://www.place-%03d.example/".formatted(number) : null,
                known(92, random) ? PlusCode.of(latitude, longitude) : null,
                status(random),
                known(75, random),
                known(88, random) ? hours(random) : null,
                known(90, random) ? 1 + random.nextInt(6) : 0,
                rated ? reviews(number, Math.min(8, reviewCount), random) : List.of(),
                form(number));
    }

    /** A tenth of the pages have something unusual about them, always the same ones. */
    private static Form form(int number) {
        return switch (number % 40) {
            case 7 -> Form.DOCUMENT_ONLY;
            case 13, 33 -> Form.PARTIAL;
            case 21, 22, 23 -> Form.MOVED;
            case 29 -> Form.OLDER;
            default -> Form.COMPLETE;
        };
    }

    private static boolean known(int percent, Random random) {
        return random.nextInt(100) < percent;
    }

    /** From −1 to 1, mostly not much more than {@code width} from 0. */
    private static double deviation(double width, Random random) {
        double deviation;
        do {
            deviation = random.nextGaussian() * width;
        } while (Math.abs(deviation) > 1);
        return deviation;
    }

    private static double degrees(double value) {
        return Math.round(value * 1e7) / 1e7;
    }

    /** The two numbers of a feature as a protocol buffer in base 64, which is what begins with {@code ChIJ}. */
    private static String placeId(long cell, long cid) {
        ByteBuffer message = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        message.put((byte) 0x0a).put((byte) 18);
        message.put((byte) 0x09).putLong(cell);
        message.put((byte) 0x11).putLong(cid);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(message.array());
    }

    private static Address address(Random random) {
        String street = (1 + random.nextInt(180)) + " " + Catalogue.pick(STREETS, random);
        String neighborhood = Catalogue.pick(NEIGHBOURHOODS, random);
        // No such postcode area exists.
        String postalCode =
                "MH%d %d%s%s".formatted(1 + random.nextInt(9), random.nextInt(10), letter(random), letter(random));
        return new Address(
                known(60, random) ? neighborhood : null,
                known(95, random) ? street : null,
                CITY,
                known(93, random) ? postalCode : null,
                known(85, random) ? "Dogger Island" : null,
                COUNTRY_CODE);
    }

    private static char letter(Random random) {
        return "ABDEFGHJLNPQRSTUWXYZ".charAt(random.nextInt(20));
    }

    private static Status status(Random random) {
        int percent = random.nextInt(100);
        return percent < 4 ? Status.PERMANENTLY_CLOSED : percent < 7 ? Status.TEMPORARILY_CLOSED : Status.OPEN;
    }

    private static List<Day> hours(Random random) {
        int from = 60 * (6 + random.nextInt(5)) + 30 * random.nextInt(2);
        int to = 60 * (16 + random.nextInt(7)) + 15 * random.nextInt(4);
        Day usual = switch (random.nextInt(10)) {
            case 0 -> new Day(List.of(new Span(0, 24 * 60)));
            case 1, 2 -> new Day(List.of(new Span(from, 12 * 60 + 30), new Span(14 * 60, to)));
            case 3 -> new Day(List.of(new Span(from, 24 * 60)));
            default -> new Day(List.of(new Span(from, to)));
        };
        List<Day> days = new ArrayList<>(Collections.nCopies(7, usual));
        if (random.nextBoolean()) {
            days.set(6, new Day(List.of()));
        }
        if (random.nextInt(4) == 0) {
            days.set(0, new Day(List.of()));
        }
        return List.copyOf(days);
    }

    private static List<Review> reviews(int place, int most, Random random) {
        List<Review> reviews = new ArrayList<>();
        int count = random.nextInt(most + 1);
        long published = NEWEST_REVIEW;
        for (int number = 1; number <= count; number++) {
            published -= (1 + random.nextInt(90)) * 86_400_000_000L + random.nextInt(1_000_000_000);
            reviews.add(new Review(
                    "review-%03d-%d".formatted(place, number),
                    orNull(known(95, random), Catalogue.pick(AUTHORS, random)),
                    Math.clamp(1 + random.nextInt(7), 1, 5),
                    orNull(known(80, random), Catalogue.pick(TEXTS, random)),
                    published));
        }
        return List.copyOf(reviews);
    }

    private static @Nullable String orNull(boolean known, String text) {
        return known ? text : null;
    }
}
