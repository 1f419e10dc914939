-- Sign-in by an OpenID provider.

-- Sign-ins that were begun and not completed; each is deleted when it is used, and counts for 10 minutes. Of state and nonce
-- only SHA-256 is kept.
create table pending_sign_in (
    state_hash     bytea       primary key check (length(state_hash) = 32),
    nonce_hash     bytea       not null unique check (length(nonce_hash) = 32),
    -- The code verifier of PKCE, encrypted with the master key. Sign-ins that are pending at once share one.
    verifier       bytea       not null,
    verifier_since timestamptz not null,
    created_at     timestamptz not null
);

create index pending_sign_in_age on pending_sign_in (created_at);

-- Who the owner of an account is at a provider.
create table external_identity (
    issuer     text        not null,
    subject    text        not null,
    account_id uuid        not null references account (id) on delete cascade,
    created_at timestamptz not null,
    primary key (issuer, subject)
);

create index external_identity_account on external_identity (account_id);

-- JSON Web Tokens issued before this time prove nothing any more.
alter table account add column tokens_since timestamptz;
