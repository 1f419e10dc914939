package io.bactrian;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.AnnotatedGenericBeanDefinition;
import org.springframework.beans.factory.support.SimpleBeanDefinitionRegistry;
import org.springframework.context.annotation.AnnotationBeanNameGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/** The names and types of this project's Spring beans, found without starting them. */
final class SpringBeans {
    private final Map<String, Class<?>> types = new LinkedHashMap<>();

    private SpringBeans() {}

    static SpringBeans ofTheHouse() {
        SpringBeans beans = new SpringBeans();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.bactrian")) {
            if (type.isMetaAnnotatedWith(Component.class)) {
                beans.add(type.reflect());
            }
        }
        return beans;
    }

    static SpringBeans of(Class<?>... components) {
        SpringBeans beans = new SpringBeans();
        for (Class<?> component : components) {
            beans.add(component);
        }
        return beans;
    }

    private void add(Class<?> component) {
        types.put(
                AnnotationBeanNameGenerator.INSTANCE.generateBeanName(
                        new AnnotatedGenericBeanDefinition(component), new SimpleBeanDefinitionRegistry()),
                component);
        for (Method method : component.getDeclaredMethods()) {
            Bean bean = method.getAnnotation(Bean.class);
            if (bean != null) {
                List<String> names = bean.value().length == 0 ? List.of(method.getName()) : List.of(bean.value());
                names.forEach(name -> types.put(name, method.getReturnType()));
            }
        }
    }

    Optional<Class<?>> type(String name) {
        return Optional.ofNullable(types.get(name));
    }

    static boolean hasPublicMethod(Class<?> type, String name) {
        return Arrays.stream(type.getMethods())
                .anyMatch(method -> method.getName().equals(name));
    }
}
