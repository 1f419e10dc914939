-- What the reader of an address has said to being written to by an account. Addresses are SHA-256 of their lower case.
CREATE TABLE email_recipient (
    account_id      uuid        NOT NULL REFERENCES account (id),
    address_hash    bytea       NOT NULL CHECK (length(address_hash) = 32),
    asked_at        timestamptz,
    times_asked     integer     NOT NULL DEFAULT 0,
    confirmed_at    timestamptz,
    unsubscribed_at timestamptz,
    PRIMARY KEY (account_id, address_hash)
);

-- Addresses whose readers want no account to ask them.
CREATE TABLE email_suppression (
    address_hash bytea PRIMARY KEY CHECK (length(address_hash) = 32),
    created_at   timestamptz NOT NULL
);

-- The e-mails of the last day, to be counted by account and by address. Rows are only inserted, so that nobody waits for
-- another's count, and they outlive the account.
CREATE TABLE email_sent (
    account_id   uuid        NOT NULL,
    address_hash bytea       NOT NULL CHECK (length(address_hash) = 32),
    confirmation boolean     NOT NULL,
    sent_at      timestamptz NOT NULL
);
CREATE INDEX email_sent_account ON email_sent (account_id, confirmation, sent_at);
CREATE INDEX email_sent_address ON email_sent (address_hash, confirmation, sent_at);
CREATE INDEX email_sent_at ON email_sent (sent_at);

-- The key that signs the links in e-mails, encrypted with the master key.
CREATE TABLE email_link_key (
    id         smallint PRIMARY KEY CHECK (id = 1),
    ciphertext bytea       NOT NULL,
    created_at timestamptz NOT NULL
);

-- Why a run's e-mail was held back.
ALTER TABLE saved_search_run ADD COLUMN email_error text;
