package io.bactrian.intake;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What messages of the inbox may be.
 *
 * @param maxBodySize the largest body, in UTF-8
 */
@ConfigurationProperties("bactrian.intake")
record IntakeProperties(@DefaultValue("16MB") DataSize maxBodySize) {}
