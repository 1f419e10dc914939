package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

@ExtendWith(OutputCaptureExtension.class)
class PlansCheckTest {
    private static final String PLANS = """
            bactrian:
              plans:
                selextract:
                  free: {name: Free, tier: free, price: 0.00, compute-units-limit: 1000, concurrent-tasks: 2, features: [Little]}
                  pro:
                    name: Professional
                    tier: pro
                    price: 29.99
                    computeUnitsLimit: 10_000
                    concurrent-tasks: 5
                    monitors: 100
                    advanced: true
                    interval: yearly
                    rate-limits: {general: 300}
                    features:
                      - Much
                mapscraper:
                  free: {name: Free, price: 0, monthly-credits: 0, features: [Nothing]}
                  starter: {name: Starter, price: 29, monthly-credits: 1000, concurrent-jobs: 5, features: [Credits]}
                packages:
                  small: {name: Small, credits: 500, price: 19.00}
                sign-up-credits: 100
            """;

    private static List<String> problems(String yaml) throws IOException {
        return problems(yaml, Map.of());
    }

    private static List<String> problems(String yaml, Map<String, Object> overrides) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        new YamlPropertySourceLoader()
                .load("plans", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
                .forEach(environment.getPropertySources()::addLast);
        environment.getPropertySources().addFirst(new MapPropertySource("overrides", overrides));
        ConfigurationPropertySources.attach(environment);
        return PlansCheck.problems(environment);
    }

    @Test
    void theShippedPlansAndThoseOfThisTestCanBeSold() throws IOException {
        assertThat(problems(Files.readString(Path.of("config/plans.yaml")))).isEmpty();
        assertThat(problems(PLANS)).isEmpty();
        assertThat(problems("bactrian: {public-url: x}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "price: 29.99 | price: -1 | selextract.pro.price is -1: write a price in US dollars from 0 to 999999.99 with two decimals at most, such as 29.99.",
                "price: 29.99 | price: 29.995 | selextract.pro.price is 29.995: write a price in US dollars from 0 to 999999.99 with two decimals at most, such as 29.99.",
                "price: 29.99 | price: dear | selextract.pro.price is dear: write a price in US dollars from 0 to 999999.99 with two decimals at most, such as 29.99.",
                "price: 29.99 | price: 1e9 | selextract.pro.price is 1.0E9: write a price in US dollars from 0 to 999999.99 with two decimals at most, such as 29.99.",
                "price: 29.99 | # none | selextract.pro.price is missing: write a price in US dollars, such as 29.99.",
                "price: 0.00 | price: 5 | selextract.free.price is 5, and nobody pays for this plan: write 0.",
                "price: 19.00 | price: 0 | packages.small.price is 0: write a price above 0, such as 19.00.",
                "interval: yearly | interval: weekly | selextract.pro.interval is weekly: write monthly or yearly.",
                "name: Professional | name: '' | selextract.pro.name is missing: write the name that people read.",
                "tier: pro | # none | selextract.pro.tier is missing: write the class that clients read, such as pro.",
                "concurrent-tasks: 5 | concurrent-tasks: 0 | selextract.pro.concurrent-tasks is 0: write a whole number from 1 to 1000000.",
                "concurrent-tasks: 5 | concurrent-tasks: 2.5 | selextract.pro.concurrent-tasks is 2.5: write a whole number from 1 to 1000000.",
                "concurrent-tasks: 5 | concurrent-tasks: 99999999999999999999 | selextract.pro.concurrent-tasks is 99999999999999999999: write a whole number from 1 to 1000000.",
                "concurrent-tasks: 5 | # none | selextract.pro.concurrent-tasks is missing: write a whole number from 1 to 1000000.",
                "concurrent-jobs: 5 | concurrent-jobs: 0 | mapscraper.starter.concurrent-jobs is 0: write a whole number from 1 to 1000000.",
                "monitors: 100 | monitors: -1 | selextract.pro.monitors is -1: write a whole number from 0 to 1000000.",
                "computeUnitsLimit: 10_000 | computeUnitsLimit: 0 | selextract.pro.compute-units-limit is 0: write a whole number from 1 to 1000000000000.",
                "monthly-credits: 1000 | monthly-credits: 0 | mapscraper.starter.monthly-credits is 0: write a whole number from 1 to 1000000000000.",
                "credits: 500 | credits: 0 | packages.small.credits is 0: write a whole number from 1 to 1000000000000.",
                "credits: 500 | credits: -5 | packages.small.credits is -5: write a whole number from 1 to 1000000000000.",
                "sign-up-credits: 100 | sign-up-credits: -1 | sign-up-credits is -1: write a whole number from 0 to 1000000000000.",
                "advanced: true | advanced: perhaps | selextract.pro.advanced is perhaps: write true or false.",
                "features: [Little] | monitors: 1 | selextract.free.features is missing: write what the plan offers, one line each.",
                "monitors: 100 | monitor: 100 | selextract.pro.monitor is no setting: write one of advanced, compute-units-limit, concurrent-tasks, features, interval, monitors, name, price, rate-limits, tier.",
                "sign-up-credits: 100 | signup: 100 | signup is no setting: write one of mapscraper, packages, selextract, sign-up-credits.",
                "small: | small_pack: | packages.small_pack is no id: write up to 63 letters, digits and hyphens, such as professional.",
                "small: | 'small pack': | packages.small pack is no id: write up to 63 letters, digits and hyphens, such as professional.",
                "small: | '[small/pack]': | packages.small/pack is no id: write up to 63 letters, digits and hyphens, such as professional.",
                "small: | starter: | packages.starter has the id of a plan of MapScraper, and both are bought by packageId: write another id.",
                "free: {name: Free, tier | free-of-charge: {name: Free, tier | selextract.free is missing: write the plan that every new account begins on.",
                "free: {name: Free, price: 0, m | nothing: {name: Free, price: 0, m | mapscraper.free is missing: write the plan that every new account begins on."
            })
    void aMistakeIsOneSentenceThatSaysWhatToWrite(String right, String wrong, String sentence) throws IOException {
        assertThat(PLANS).contains(right);

        assertThat(problems(PLANS.replaceFirst(Pattern.quote(right), wrong)))
                .containsExactly("config/plans.yaml: bactrian.plans." + sentence);
    }

    @Test
    void whatOverridesTheFileIsHeldToTheSame() throws IOException {
        assertThat(problems(
                        PLANS,
                        Map.of(
                                "bactrian.plans.selextract.pro.price", "-3",
                                "bactrian.plans.selextract.free.rate-limits.task-creation", "4")))
                .singleElement()
                .asString()
                .contains("selextract.pro.price is -3");
    }

    @Test
    void allMistakesAreToldAtTheStartWithoutAStackTrace(CapturedOutput output) {
        SpringApplicationBuilder service =
                new SpringApplicationBuilder(PlansCheckTest.class).web(WebApplicationType.NONE);

        assertThatThrownBy(() -> service.run(
                        "--bactrian.plans.packages.small.credits=0", "--bactrian.plans.packages.small.price=-1"))
                .isInstanceOf(InvalidPlansException.class);

        assertThat(output.getAll())
                .contains("config/plans.yaml: bactrian.plans.packages.small.credits is 0: write a whole number")
                .contains("config/plans.yaml: bactrian.plans.packages.small.price is -1: write a price")
                .doesNotContain("\tat ");
    }
}
