package io.bactrian.api.contract;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * The contract of both APIs: the OpenAPI documents that the server mounts, checks requests against, and serves.
 *
 * <p>The documents are read once, when the service starts; a defect in them fails the start.
 */
@Component
public final class Contract {
    /** Where paths of the MapScraper API begin, for those that no document describes. */
    private static final List<String> MAPSCRAPER_PREFIXES = List.of(
            "/auth/register",
            "/auth/login",
            "/auth/api-keys",
            "/scrape",
            "/credits",
            "/webhooks",
            "/scheduled",
            "/billing/checkout",
            "/billing/subscriptions",
            "/billing/cancel-subscription");

    private final ContractDocument selextract = ContractDocument.load(Surface.SELEXTRACT);
    private final ContractDocument mapscraper = ContractDocument.load(Surface.MAPSCRAPER);
    private final Map<String, Operation> operations = new LinkedHashMap<>();
    private final Map<Operation, PathTemplate> templates = new LinkedHashMap<>();

    public Contract() {
        selextract.operations().forEach(this::add);
        mapscraper.operations().forEach(this::add);
    }

    private void add(Operation operation) {
        if (operations.put(operation.operationId(), operation) != null) {
            throw new IllegalStateException(
                    "The documents have two operations with the id " + operation.operationId() + ".");
        }
        templates.put(operation, PathTemplate.of(operation.path()));
    }

    /**
     * The operation with that id.
     *
     * @throws IllegalArgumentException for an id that neither document has
     */
    public Operation operation(String operationId) {
        return Optional.ofNullable(operations.get(operationId))
                .orElseThrow(
                        () -> new IllegalArgumentException("Neither document has an operation " + operationId + "."));
    }

    /** Every operation of both documents. */
    public List<Operation> operations() {
        return List.copyOf(operations.values());
    }

    /**
     * The API that a request path belongs to. A path of neither is Selextract's, as is one that both APIs have: there the
     * caller's credential decides.
     */
    public Surface surfaceOf(String path) {
        return operationsAt(path).map(Operation::surface).findFirst().orElseGet(() -> surfaceByPrefix(path));
    }

    private static Surface surfaceByPrefix(String path) {
        boolean mapscraper =
                MAPSCRAPER_PREFIXES.stream().anyMatch(prefix -> path.equals(prefix) || path.startsWith(prefix + "/"));
        return mapscraper ? Surface.MAPSCRAPER : Surface.SELEXTRACT;
    }

    /** The methods that a request path has, for the header {@code Allow}; none where the path does not exist. */
    public List<String> allowedMethods(String path) {
        return operationsAt(path).map(Operation::method).distinct().toList();
    }

    /**
     * The operation that a request is for.
     *
     * @throws IllegalArgumentException where the path has no such method
     */
    public Operation operation(String method, String path) {
        return operationsAt(path)
                .filter(operation -> operation.method().equals(method))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Neither document has %s %s.".formatted(method, path)));
    }

    private Stream<Operation> operationsAt(String path) {
        return templates.entrySet().stream()
                .filter(template -> template.getValue().matches(path))
                .map(Map.Entry::getKey);
    }

    /** The document of an API as clients get it: JSON in UTF-8. */
    public byte[] json(Surface surface) {
        return document(surface).json();
    }

    ContractDocument document(Surface surface) {
        return switch (surface) {
            case SELEXTRACT -> selextract;
            case MAPSCRAPER -> mapscraper;
        };
    }
}
