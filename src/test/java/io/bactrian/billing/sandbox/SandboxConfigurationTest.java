package io.bactrian.billing.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bactrian.billing.BillingKeysException;
import io.bactrian.billing.BillingProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class SandboxConfigurationTest {
    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withUserConfiguration(Settings.class, SandboxConfiguration.class)
            // Only the configuration itself is made; what its beans need is not there.
            .withInitializer(
                    beans -> beans.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()));

    @EnableConfigurationProperties(BillingProperties.class)
    static class Settings {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bactrian.billing.stripe.api-key=sk_live_secret",
                "bactrian.billing.lemonsqueezy.api-key=ls_secret"
            })
    void theSandboxIsRefusedBesideRealKeys(String key) {
        context.withPropertyValues("bactrian.billing.sandbox=true", key).run(beans -> {
            String setting = key.substring(0, key.indexOf('='));
            assertThat(catchThrowable(() -> beans.getBean(SandboxConfiguration.class)))
                    .hasRootCauseInstanceOf(BillingKeysException.class)
                    .rootCause()
                    .hasMessage("bactrian.billing.sandbox is true, and " + setting
                            + " is set: the sandbox is not for a service that takes money. Unset one of them.")
                    .hasMessageNotContaining("secret");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "yes", "on", "1"})
    void whateverTheSwitchIsSpelledLikeRealKeysRefuseIt(String on) {
        context.withPropertyValues("bactrian.billing.sandbox=" + on, "bactrian.billing.stripe.api-key=sk_live_secret")
                .run(beans -> {
                    assertThat(beans.getBean(BillingProperties.class).inSandbox())
                            .isTrue();
                    assertThat(catchThrowable(() -> beans.getBean(SandboxConfiguration.class)))
                            .hasRootCauseInstanceOf(BillingKeysException.class);
                });
    }

    @Test
    void withoutKeysTheSandboxIsOnAndSaysSoOnce(CapturedOutput output) {
        context.run(beans -> {
            beans.getBean(SandboxConfiguration.class);
            beans.getBean(SandboxConfiguration.class);

            assertThat(output.getOut().split("no money moves", -1)).hasSize(2);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bactrian.billing.sandbox=false",
                "bactrian.billing.stripe.api-key=sk_live_x",
                "bactrian.billing.lemonsqueezy.api-key=x"
            })
    void realKeysOrTheOperatorSwitchItOff(String setting) {
        context.withPropertyValues(setting).run(beans -> assertThat(beans).doesNotHaveBean(SandboxConfiguration.class));
    }
}
