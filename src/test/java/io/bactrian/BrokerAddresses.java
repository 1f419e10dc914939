package io.bactrian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;

/** The queues and topics that a broker's configuration makes. */
public record BrokerAddresses(Set<String> queues, Set<String> topics) {

    public static BrokerAddresses in(Path configuration) {
        try {
            Document document = Jsoup.parse(Files.readString(configuration), "", Parser.xmlParser());
            return new BrokerAddresses(
                    Set.copyOf(document.select("addresses anycast > queue").eachAttr("name")),
                    document.select("addresses > address:has(> multicast)").stream()
                            .map(address -> address.attr("name"))
                            .collect(Collectors.toSet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
