package io.bactrian.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The formats in which places are exported: json, csv, xlsx, and the CRM formats of the configuration. */
@Component
public class PlaceFormats {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final String YAML = ".yaml";

    private final Map<String, PlaceFormat> formats = new LinkedHashMap<>();

    @Autowired
    PlaceFormats(ExportProperties properties) {
        this(properties.path());
    }

    private PlaceFormats(Path directory) {
        add("json", ExportFormat.JSON, PlaceJsonDocument::new);
        add("csv", ExportFormat.CSV, out -> new CsvDocument<>(PlaceTable.documented(), out));
        add(
                "xlsx",
                ExportFormat.XLSX,
                out -> new XlsxDocument<>(PlaceTable.readable(), "Places", out, XlsxDocument.ROWS_PER_SHEET));
        Set<String> own = Set.copyOf(formats.keySet());
        for (Path file : files(directory)) {
            String name = name(file);
            if (own.contains(name)) {
                throw new IllegalArgumentException(file + ": the format " + name
                        + " is built in and cannot be redefined. Give the file another name.");
            }
            CrmFormat format = CrmFormatReader.read(file);
            add(name, ExportFormat.CSV, out -> new CsvDocument<>(new CrmTable(format), out));
        }
    }

    /**
     * The formats with the CRM formats of that directory.
     *
     * @throws IllegalArgumentException if one of them is not described as it should be; the message names file and key
     */
    public static PlaceFormats of(Path directory) {
        return new PlaceFormats(directory);
    }

    /** The format of that name, or empty. */
    public Optional<PlaceFormat> find(String name) {
        return Optional.ofNullable(formats.get(name));
    }

    /** The names of all formats: the built-in ones, then those of the configuration in alphabetical order. */
    public List<String> names() {
        return List.copyOf(formats.keySet());
    }

    private void add(String name, ExportFormat file, PlaceFormat.Opening opening) {
        formats.put(name, new PlaceFormat(name, file, opening));
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException("bactrian.exports.directory: there is no directory "
                    + directory.toAbsolutePath() + ". Create it, or name another.");
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            fileName(file).endsWith(YAML) || fileName(file).endsWith(".yml"))
                    .filter(file -> !fileName(file).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException cause) {
            throw new UncheckedIOException("The directory " + directory + " cannot be read.", cause);
        }
    }

    private static String name(Path file) {
        String name = fileName(file);
        if (name.endsWith(YAML)
                && NAME.matcher(name.substring(0, name.length() - YAML.length()))
                        .matches()) {
            return name.substring(0, name.length() - YAML.length());
        }
        throw new IllegalArgumentException(
                file + ": a format's file is named after it, with lower-case letters, digits and hyphens, such as"
                        + " hubspot.yaml. Rename the file.");
    }

    private static String fileName(Path file) {
        return String.valueOf(file.getFileName());
    }
}
