package io.bactrian.account;

/** The kinds of credential that an account can show. */
public enum Credential {
    /** A JSON Web Token, from signing in. */
    TOKEN,
    /** A JSON Web Token in the dashboard's cookie. */
    SESSION,
    /** An {@code sk_} key. */
    API_KEY,
    /** An {@code msk_} key. */
    MAP_KEY
}
