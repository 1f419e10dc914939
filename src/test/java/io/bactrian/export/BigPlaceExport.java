package io.bactrian.export;

import java.io.IOException;
import java.io.OutputStream;

/** A program that exports many places into nothing: {@code BigPlaceExport FORMAT PLACES}. */
final class BigPlaceExport {
    private BigPlaceExport() {}

    public static void main(String[] arguments) throws IOException {
        PlaceFormat format = Places.FORMATS.find(arguments[0]).orElseThrow();
        int places = Integer.parseInt(arguments[1]);
        try (PlaceSink sink = format.open(OutputStream.nullOutputStream())) {
            for (int place = 0; place < places; place++) {
                sink.write(place(place));
            }
        }
    }

    /** No two places share a value, so that whatever keeps values is found out. */
    private static String place(int number) {
        String review = ("Guest " + number + " has something to say. ").repeat(40);
        return """
                {"placeName": "Place %1$d", "url": "https://maps.example/maps/place/%1$d/data=!4m7!3m6!1s0x14!8m2",
                "category": "Category %1$d", "totalReviewScore": 4.%1$d, "reviewCount": %1$d, "priceLevel": 2,
                "phoneNumber": "212 %1$07d", "website": "https://place%1$d.example/", "address": {"street": "Street %1$d",
                "city": "City %1$d", "state": "NY", "postalCode": "%1$05d", "fullAddress": "Street %1$d, City %1$d"},
                "coordinates": {"latitude": 40.%1$d, "longitude": -74.%1$d}, "countryCode": "US", "placeId": "p%1$d",
                "reviews": [{"text": "%2$s"}], "emails": ["info@place%1$d.example"]}""".formatted(number, review);
    }
}
