-- Accounts and everything that proves to be one: passwords, keys, tokens.

create table account (
    id              uuid        primary key,
    -- The same account's integer id, as MapScraper's clients know it.
    number          bigint      generated always as identity unique,
    email           text        not null check (length(email) <= 254),
    name            text,
    avatar_url      text,
    -- Argon2id in PHC format; null where the account signs in by an OpenID provider alone.
    password_hash   text,
    selextract_plan text        not null default 'free',
    mapscraper_plan text        not null default 'free',
    is_active       boolean     not null default true,
    created_at      timestamptz not null,
    updated_at      timestamptz not null
);

create unique index account_email_key on account (lower(email));

-- sk_ keys: shown once, kept as SHA-256 only.
create table api_key (
    id           uuid        primary key,
    account_id   uuid        not null references account (id) on delete cascade,
    name         text        not null,
    description  text,
    environment  text        not null check (environment in ('prod', 'test')),
    preview      text        not null,
    hash         bytea       not null unique check (length(hash) = 32),
    permissions  text[]      not null,
    is_active    boolean     not null default true,
    created_at   timestamptz not null,
    last_used_at timestamptz
);

create index api_key_account on api_key (account_id, created_at);

-- msk_ keys: readable by their owner, so encrypted with the master key beside the hash that finds them.
create table map_key (
    id           bigint      generated always as identity primary key,
    account_id   uuid        not null references account (id) on delete cascade,
    name         text        not null,
    hash         bytea       not null unique check (length(hash) = 32),
    ciphertext   bytea       not null,
    is_active    boolean     not null default true,
    created_at   timestamptz not null,
    last_used_at timestamptz
);

create index map_key_account on map_key (account_id, id);

-- RSA keys that sign JWTs, encrypted with the master key. A retired key's private half is erased; its public half verifies
-- until the last token that it signed has expired.
create table signing_key (
    kid         uuid        primary key,
    public_key  bytea       not null,
    private_key bytea,
    created_at  timestamptz not null,
    retired_at  timestamptz,
    check ((private_key is null) = (retired_at is not null))
);

-- One key signs at a time, however many nodes start or rotate at once.
create unique index signing_key_active on signing_key ((true)) where retired_at is null;

-- JWTs that were signed out before they expired.
create table revoked_token (
    jti        uuid        primary key,
    expires_at timestamptz not null
);

create index revoked_token_expiry on revoked_token (expires_at);
