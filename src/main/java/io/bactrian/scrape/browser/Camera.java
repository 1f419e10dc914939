package io.bactrian.scrape.browser;

import com.google.gson.JsonObject;
import io.bactrian.scrape.Screenshot;
import java.util.Base64;

/** Takes pictures of pages: all of a page, down to a height and up to a size. */
final class Camera {
    private static final int TALLEST = 8_000;
    private static final int LARGEST = 8 * 1024 * 1024;

    private Camera() {}

    static Screenshot picture(Tab tab) {
        JsonObject content = tab.session().send("Page.getLayoutMetrics").getAsJsonObject("cssContentSize");
        double height = Math.ceil(content.get("height").getAsDouble());
        byte[] png = picture(tab, (int) Math.clamp(height, Tab.HEIGHT, TALLEST));
        // Noise does not compress: then as much of it as a screen shows.
        return new Screenshot(png.length <= LARGEST ? png : picture(tab, Tab.HEIGHT));
    }

    private static byte[] picture(Tab tab, int height) {
        JsonObject clip = Json.object("x", 0, "y", 0, "width", Tab.WIDTH, "height", height, "scale", 1);
        JsonObject taken = tab.session()
                .send(
                        "Page.captureScreenshot",
                        Json.object("format", "png", "captureBeyondViewport", true, "clip", clip));
        return Base64.getDecoder().decode(taken.get("data").getAsString());
    }
}
