package io.bactrian.account.openid;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Verifies ID tokens as OpenID Connect Core 1.0 section 3.1.3.7 demands, the nonce apart. */
final class IdTokens {
    private static final Logger LOG = LoggerFactory.getLogger(IdTokens.class);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);
    private static final Set<String> REQUIRED = Set.of("iss", "sub", "aud", "exp", "iat", "nonce");

    private final String clientId;
    private final Clock clock;

    IdTokens(String clientId, Clock clock) {
        this.clientId = clientId;
        this.clock = clock;
    }

    /**
     * The claims of a token whose signature, issuer, audience and times are right.
     *
     * @throws SignInRefusedException if any of these is not
     * @throws OpenIdProviderException if the provider's keys are not to be had
     */
    JWTClaimsSet verify(String token, ProviderMetadata provider) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(provider.algorithms(), provider.keys()));
        processor.setJWTClaimsSetVerifier(new Claims(provider));
        try {
            return processor.process(token, null);
        } catch (RateLimitReachedException unknownKey) {
            throw refused(unknownKey);
        } catch (KeySourceException keys) {
            LOG.warn("The OpenID provider's keys are not to be had", keys);
            throw new OpenIdProviderException(
                    "The sign-in provider's keys cannot be read. Begin the sign-in again later.", keys);
        } catch (BadJOSEException | JOSEException | ParseException wrong) {
            throw refused(wrong);
        }
    }

    private static SignInRefusedException refused(Exception why) {
        // What a forger gets wrong is for the operator's log, not for him.
        LOG.info("An ID token was refused: {}", why.getMessage());
        return new SignInRefusedException(
                "The provider's ID token is not valid for this service: begin the sign-in again.", why);
    }

    private final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final ProviderMetadata provider;

        Claims(ProviderMetadata provider) {
            super(clientId, null, REQUIRED);
            setMaxClockSkew((int) CLOCK_SKEW.toSeconds());
            this.provider = provider;
        }

        @Override
        public void verify(JWTClaimsSet claims, @Nullable SecurityContext context) throws BadJWTException {
            super.verify(claims, context);
            if (!provider.isIssuer(claims.getIssuer())) {
                throw new BadJWTException("Another issuer: " + claims.getIssuer());
            }
            if (claims.getIssueTime().toInstant().isAfter(clock.instant().plus(CLOCK_SKEW))) {
                throw new BadJWTException("Issued in the future");
            }
            String authorizedParty = text(claims, "azp");
            boolean otherParty = authorizedParty != null && !authorizedParty.equals(clientId);
            if (otherParty || (authorizedParty == null && claims.getAudience().size() > 1)) {
                throw new BadJWTException("Another authorized party: " + authorizedParty);
            }
            String nonce = text(claims, "nonce");
            if (nonce == null || nonce.isEmpty() || claims.getSubject().isEmpty()) {
                throw new BadJWTException("Empty nonce or subject");
            }
        }

        private static @Nullable String text(JWTClaimsSet claims, String name) throws BadJWTException {
            try {
                return claims.getStringClaim(name);
            } catch (ParseException notText) {
                throw new BadJWTException(name + " is not a text", notText);
            }
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }
    }
}
