package io.bactrian.account;

import java.util.List;

/**
 * What an account's owner may read of it.
 *
 * @param mapKeys the {@code msk_} keys in full, oldest first, deactivated ones included
 */
public record Profile(Account account, List<MapKey> mapKeys) {}
