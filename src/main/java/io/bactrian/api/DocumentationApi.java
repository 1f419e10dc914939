package io.bactrian.api;

import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.DocumentationPage;
import io.bactrian.api.contract.Surface;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The operations that serve the contract itself: both documents, and a page to read them. */
@Component
public class DocumentationApi {
    private final Contract contract;
    private final DocumentationPage page;

    DocumentationApi(Contract contract, DocumentationPage page) {
        this.contract = contract;
        this.page = page;
    }

    public Answer selextract() {
        return bytes(AnswerProcessor.JSON, contract.json(Surface.SELEXTRACT));
    }

    public Answer mapscraper() {
        return bytes(AnswerProcessor.JSON, contract.json(Surface.MAPSCRAPER));
    }

    public Answer page() {
        return bytes("text/html;charset=UTF-8", page.html());
    }

    private static Answer bytes(String mediaType, byte[] bytes) {
        return new Answer(200, Map.of(), new Answer.Stream(mediaType, output -> output.write(bytes)));
    }
}
