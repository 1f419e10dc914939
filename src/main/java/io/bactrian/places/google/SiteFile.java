package io.bactrian.places.google;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.Origin;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

/** Reads the file that says what the site's pages look like, and takes nothing that it does not understand. */
final class SiteFile {
    private SiteFile() {}

    /** @throws IllegalArgumentException if the file is missing or wrong; the message says where */
    static Site read(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "The file %s is missing or cannot be read. It says what the pages of Google Maps look like: restore it, or"
                                    .formatted(file)
                            + " name it by bactrian.places.google-maps.site.");
        }
        List<ConfigurationPropertySource> sources = load(file);
        try {
            return new Binder(sources)
                    .bind(
                            ConfigurationPropertyName.EMPTY,
                            Bindable.of(Site.class),
                            new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
                    .get();
        } catch (BindException wrong) {
            throw new IllegalArgumentException(file + ": " + explain(wrong), wrong);
        }
    }

    private static List<ConfigurationPropertySource> load(Path file) {
        try {
            List<PropertySource<?>> loaded =
                    new YamlPropertySourceLoader().load(file.toString(), new FileSystemResource(file));
            return StreamSupport.stream(
                            ConfigurationPropertySources.from(loaded).spliterator(), false)
                    .toList();
        } catch (IOException | RuntimeException broken) {
            throw new IllegalArgumentException(file + " is not valid YAML: " + broken.getMessage(), broken);
        }
    }

    private static String explain(BindException wrong) {
        Throwable cause = cause(wrong);
        if (cause instanceof UnboundConfigurationPropertiesException unbound) {
            return unbound.getUnboundProperties().stream()
                            .map(property -> property.getName() + at(property.getOrigin()))
                            .collect(Collectors.joining(", "))
                    + " means nothing here.";
        }
        String name = wrong.getName().isEmpty() ? "" : wrong.getName() + at(Origin.from(wrong.getProperty())) + ": ";
        return name + cause.getMessage();
    }

    /** What the values say of themselves, rather than what made them say it. */
    private static Throwable cause(BindException wrong) {
        for (Throwable cause = wrong.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getClass().equals(IllegalArgumentException.class)) {
                return cause;
            }
        }
        return NestedExceptionUtils.getMostSpecificCause(wrong);
    }

    private static String at(@Nullable Origin origin) {
        return origin == null ? "" : " (" + origin + ")";
    }
}
