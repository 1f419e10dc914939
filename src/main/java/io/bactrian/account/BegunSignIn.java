package io.bactrian.account;

/**
 * A sign-in that a person completes at an OpenID provider.
 *
 * @param authorizationUrl where the person signs in
 * @param state what comes back to the redirect URI beside the code
 */
public record BegunSignIn(String authorizationUrl, String state) {}
