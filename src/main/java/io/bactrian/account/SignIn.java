package io.bactrian.account;

/**
 * An account whose owner has proven to be one.
 *
 * @param token a JSON Web Token issued by the API that was signed in to
 */
public record SignIn(Account account, String token) {
    /** Leaves the token out, so that it cannot end up in a log. */
    @Override
    public String toString() {
        return "SignIn[account=%s]".formatted(account.id());
    }
}
