package io.bactrian.places.google;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of the map that a page shows, in the web Mercator projection.
 *
 * @param depth how often the map was divided for it
 * @param latitude of its centre, in degrees
 * @param longitude of its centre, in degrees
 * @param zoom at which the world is 256 · 2<sup>zoom</sup> pixels wide
 */
record MapCell(int depth, double latitude, double longitude, double zoom) {
    private static final double NORTHMOST = 85;
    private static final String NUMBER = "(-?\\d{1,3}(?:\\.\\d{1,20})?)";
    private static final Pattern AT = Pattern.compile("@" + NUMBER + "," + NUMBER + ",(\\d{1,2}(?:\\.\\d{1,5})?)z");
    private static final Pattern KEY = Pattern.compile("cell (\\d{1,2}) (@.*)");

    /** The part that a URL names, such as {@code …/@52.52,13.4,12z}, or null. */
    static @Nullable MapCell inUrl(String url, int depth) {
        Matcher at = AT.matcher(url);
        if (!at.find()) {
            return null;
        }
        double latitude = Double.parseDouble(at.group(1));
        double longitude = Double.parseDouble(at.group(2));
        double zoom = Double.parseDouble(at.group(3));
        return Math.abs(latitude) > NORTHMOST || Math.abs(longitude) > 180 || zoom < 1 || zoom > 22
                ? null
                : new MapCell(depth, latitude, longitude, zoom);
    }

    /** The part that a step's key names, or null where the step is no part of the map. */
    static @Nullable MapCell ofKey(String key) {
        Matcher form = KEY.matcher(key);
        return form.matches() ? inUrl(form.group(2), Integer.parseInt(form.group(1))) : null;
    }

    String key() {
        return "cell " + depth + " " + segment();
    }

    /** As it stands in URLs. */
    String segment() {
        return String.format(Locale.ROOT, "@%.7f,%.7f,%sz", latitude, longitude, zoomText());
    }

    private String zoomText() {
        return zoom == Math.rint(zoom) ? String.valueOf((int) zoom) : String.format(Locale.ROOT, "%.2f", zoom);
    }

    /**
     * Its four quarters, shown twice as large.
     *
     * @param width of what a page shows, in pixels
     */
    List<MapCell> quarters(int width, int height) {
        double world = 256 * Math.pow(2, zoom);
        List<MapCell> quarters = new ArrayList<>();
        for (int south = -1; south <= 1; south += 2) {
            for (int east = -1; east <= 1; east += 2) {
                double x = longitude + east * width / 4.0 / world * 360;
                double y = mercator(latitude) - south * height / 4.0 / world * 2 * Math.PI;
                double north = Math.toDegrees(Math.atan(Math.sinh(y)));
                quarters.add(new MapCell(
                        depth + 1,
                        Math.clamp(north, -NORTHMOST, NORTHMOST),
                        x > 180 ? x - 360 : x < -180 ? x + 360 : x,
                        zoom + 1));
            }
        }
        return quarters;
    }

    private static double mercator(double latitude) {
        double sine = Math.sin(Math.toRadians(latitude));
        return Math.log((1 + sine) / (1 - sine)) / 2;
    }
}
