package io.bactrian.demo;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of the map that a window of 1280 × 720 pixels shows, in the web Mercator projection.
 *
 * @param zoom at which the whole world is 256 · 2<sup>zoom</sup> pixels wide
 */
record MapView(double latitude, double longitude, double zoom) {
    private static final double HALF_WIDTH = 640;
    private static final double HALF_HEIGHT = 360;
    private static final Pattern AT =
            Pattern.compile("@(-?\\d{1,3}(?:\\.\\d{1,20})?),(-?\\d{1,3}(?:\\.\\d{1,20})?),(\\d{1,2}(?:\\.\\d{1,5})?)z");

    /** The view that a segment of a path names, such as {@code @53.5,2.5,12z}. */
    static Optional<MapView> parse(String segment) {
        Matcher at = AT.matcher(segment);
        return at.lookingAt()
                ? Optional.of(new MapView(
                        Double.parseDouble(at.group(1)),
                        Double.parseDouble(at.group(2)),
                        Double.parseDouble(at.group(3))))
                : Optional.empty();
    }

    boolean shows(SamplePlace place) {
        return Math.abs(eastward(place)) <= HALF_WIDTH && Math.abs(southward(place)) <= HALF_HEIGHT;
    }

    /** How far a place is from the centre, in pixels. */
    double distance(SamplePlace place) {
        return Math.hypot(eastward(place), southward(place));
    }

    private double eastward(SamplePlace place) {
        return (place.longitude() - longitude) / 360 * worldWidth();
    }

    private double southward(SamplePlace place) {
        return (mercator(latitude) - mercator(place.latitude())) / (2 * Math.PI) * worldWidth();
    }

    private double worldWidth() {
        return 256 * Math.pow(2, zoom);
    }

    private static double mercator(double latitude) {
        double sine = Math.sin(Math.toRadians(latitude));
        return Math.log((1 + sine) / (1 - sine)) / 2;
    }
}
