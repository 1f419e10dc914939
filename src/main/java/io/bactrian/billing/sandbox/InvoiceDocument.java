package io.bactrian.billing.sandbox;

import io.bactrian.billing.SandboxBooks.Bill;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType0Font;

/**
 * An invoice as a PDF of one page.
 *
 * <p>Its font comes with PDFBox and is embedded: those of the machine are neither looked for nor needed. Characters that the
 * font lacks are shown as a question mark.
 */
final class InvoiceDocument {
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";
    private static final float LEFT = 60;
    private static final float TOP = 760;
    private static final float LEADING = 22;
    private static final float HEADING = 20;
    private static final float TEXT = 11;

    /** Characters of a line; more would leave the page. */
    private static final int LONGEST = 80;

    private InvoiceDocument() {}

    static byte[] of(Bill bill) {
        try (PDDocument document = new PDDocument();
                InputStream file = Objects.requireNonNull(PDDocument.class.getResourceAsStream(FONT), FONT)) {
            PDType0Font font = PDType0Font.load(document, file, true);
            PDPage page = new PDPage(PDRectangle.A4);
            document.addPage(page);
            document.getDocumentInformation().setTitle("Invoice " + bill.number());
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.beginText();
                content.newLineAtOffset(LEFT, TOP);
                content.setLeading(LEADING);
                content.setFont(font, HEADING);
                content.showText("Invoice");
                content.setFont(font, TEXT);
                for (String line : lines(bill)) {
                    content.newLine();
                    content.showText(printable(font, line));
                }
                content.endText();
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("The invoice cannot be written as PDF.", e);
        }
    }

    private static List<String> lines(Bill bill) {
        return List.of(
                "",
                "Number: " + bill.number(),
                "Date: " + LocalDate.ofInstant(bill.created(), ZoneOffset.UTC),
                "Item: " + bill.description(),
                "Amount: USD " + BigDecimal.valueOf(bill.amount(), 2),
                "Status: " + bill.status(),
                "",
                "Sandbox: no money has moved. " + bill.provider().title() + " knows nothing of this invoice.");
    }

    private static String printable(PDType0Font font, String line) {
        StringBuilder printable = new StringBuilder();
        line.codePoints().limit(LONGEST).forEach(character -> printable.append(shown(font, character)));
        return printable.toString();
    }

    private static String shown(PDType0Font font, int character) {
        String text = Character.toString(character);
        int type = Character.getType(character);
        if (type == Character.CONTROL || type == Character.FORMAT) {
            // The latter would turn the direction of what follows.
            return "?";
        }
        try {
            font.encode(text);
            return text;
        } catch (IllegalArgumentException missing) {
            return "?";
        } catch (IOException e) {
            throw new UncheckedIOException("The font that comes with PDFBox cannot be read.", e);
        }
    }
}
