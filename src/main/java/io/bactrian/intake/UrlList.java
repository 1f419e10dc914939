package io.bactrian.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.bactrian.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/** A list of URLs in CSV (RFC 4180): one column with the heading {@code url}, in UTF-8. */
final class UrlList {
    /** One more than any task may have: what follows is not read, for the list is refused anyway. */
    private static final int MOST = 100_001;

    private static final int LONGEST_FIELD = 65_536;

    private UrlList() {}

    /**
     * The URLs in their order, as they were written.
     *
     * @throws InvalidInputException when it is no such list
     */
    static ArrayNode read(byte[] csv) {
        // A decoder made by hand refuses malformed bytes; the reader's own would replace them.
        try (Reader text = new InputStreamReader(new ByteArrayInputStream(csv), StandardCharsets.UTF_8.newDecoder());
                CsvReader<CsvRecord> records = CsvReader.builder()
                        .fieldSeparator(',')
                        .commentStrategy(CommentStrategy.NONE)
                        .skipEmptyLines(true)
                        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .allowUnclosedQuote(false)
                        .maxBufferSize(LONGEST_FIELD)
                        .ofCsvRecord(text)) {
            return urls(records.iterator());
        } catch (CsvParseException e) {
            throw invalid("The CSV is malformed, or has a field of more than " + LONGEST_FIELD + " characters.");
        } catch (UncheckedIOException e) {
            throw invalid("The body is not text in UTF-8.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ArrayNode urls(Iterator<CsvRecord> records) {
        if (!records.hasNext() || !isHeading(records.next())) {
            throw invalid("The CSV must have one column with the heading url.");
        }
        ArrayNode urls = JsonNodeFactory.instance.arrayNode();
        while (records.hasNext() && urls.size() < MOST) {
            CsvRecord row = records.next();
            if (row.getFieldCount() != 1) {
                throw invalid("Line %d of the CSV has %d columns; there must be one, url."
                        .formatted(row.getStartingLineNumber(), row.getFieldCount()));
            }
            if (!row.getField(0).isBlank()) {
                urls.add(row.getField(0).strip());
            }
        }
        return urls;
    }

    private static boolean isHeading(CsvRecord row) {
        String heading = row.getField(0);
        return row.getFieldCount() == 1
                && (heading.startsWith("\uFEFF") ? heading.substring(1) : heading)
                        .strip()
                        .equalsIgnoreCase("url");
    }

    private static InvalidInputException invalid(String sentence) {
        return new InvalidInputException("", sentence);
    }
}
