package io.bactrian.scrape.browser;

import com.microsoft.playwright.PlaywrightException;

/** Whether a failure means that the page, its browser or the driver is there no more. */
final class IsLost {
    private IsLost() {}

    static boolean of(PlaywrightException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("has been closed")
                || message.contains("pipe closed")
                || message.contains("connection closed")
                || message.contains("crashed")
                || message.contains("Failed to read message from driver")
                || message.contains("Failed to send message");
    }
}
