package io.bactrian.export;

import java.io.IOException;
import java.io.OutputStream;

/** A file format in which places are exported. */
public final class PlaceFormat {
    private final String name;
    private final ExportFormat file;
    private final Opening opening;

    PlaceFormat(String name, ExportFormat file, Opening opening) {
        this.name = name;
        this.file = file;
        this.opening = opening;
    }

    /** The name that clients choose it by, such as {@code hubspot}. */
    public String name() {
        return name;
    }

    /** The media type of its files, for {@code Content-Type}. */
    public String mediaType() {
        return file.mediaType();
    }

    /** What the names of its files end with, without a dot. */
    public String extension() {
        return file.extension();
    }

    /** A file with all places in it, in the order in which they are written. */
    public PlaceSink open(OutputStream out) throws IOException {
        DetachableOutputStream target = new DetachableOutputStream(out);
        return new CompletingSink.OfPlaces(opening.open(target), target);
    }

    /** Begins the document of a format. */
    interface Opening {
        Document<String> open(OutputStream out) throws IOException;
    }
}
