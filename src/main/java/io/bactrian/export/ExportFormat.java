package io.bactrian.export;

import io.bactrian.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A file format in which a task's results can be downloaded. */
public enum ExportFormat {
    /** One array of rows (RFC 8259), each row on a line of its own. */
    JSON("application/json"),
    /** One row a line, each a JSON object. */
    JSONL("application/x-ndjson"),
    /** Comma-separated values (RFC 4180) in UTF-8 without a byte order mark. */
    CSV("text/csv; charset=utf-8"),
    /** An Office Open XML workbook (ECMA-376), as Excel writes it. */
    XLSX("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

    private final String mediaType;

    ExportFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /**
     * The format that a task's {@code output_format} names.
     *
     * @throws InvalidInputException if it names none
     */
    public static ExportFormat of(String name) {
        for (ExportFormat format : values()) {
            if (format.extension().equals(name)) {
                return format;
            }
        }
        String known = Arrays.stream(values()).map(ExportFormat::extension).collect(Collectors.joining(", "));
        throw new InvalidInputException("config.output_format", "output_format must be one of " + known + ".");
    }

    /** The value of {@code Content-Type}. */
    public String mediaType() {
        return mediaType;
    }

    /** The file name extension without its dot, which is also the format's name in {@code output_format}. */
    public String extension() {
        return name().toLowerCase(Locale.ROOT);
    }
}
