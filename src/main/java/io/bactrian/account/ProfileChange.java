package io.bactrian.account;

import org.jspecify.annotations.Nullable;

/**
 * What an account's owner changes of the profile.
 *
 * @param changesName whether the name changes, be it to none
 * @param changesAvatarUrl whether the picture changes, be it to none
 */
public record ProfileChange(
        boolean changesName,
        @Nullable String name,
        boolean changesAvatarUrl,
        @Nullable String avatarUrl) {}
