package io.bactrian.account;

/**
 * A new account with its first credentials.
 *
 * @param mapKey the account's first {@code msk_} key
 * @param token a JSON Web Token issued by MapScraper
 */
public record Registration(Account account, MapKey mapKey, String token) {
    /** Leaves the token out, so that it cannot end up in a log. */
    @Override
    public String toString() {
        return "Registration[account=%s]".formatted(account.id());
    }
}
