package io.bactrian.account;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the guessing of passwords is slowed down.
 *
 * @param attemptsPerAccount how many sign-ins with one e-mail may fail before the next has to wait
 * @param attemptsPerAddress how many sign-ins from one address may fail before the next has to wait
 * @param firstDelay the first wait; each failure doubles it
 * @param longestDelay what it grows to at most
 */
@ConfigurationProperties("bactrian.sign-in")
public record SignInProperties(
        @DefaultValue("5") int attemptsPerAccount,
        @DefaultValue("20") int attemptsPerAddress,
        @DefaultValue("5s") Duration firstDelay,
        @DefaultValue("15m") Duration longestDelay) {}
