-- The ledger: double entry over four buckets for each account and currency. Units come from "issued" (which goes
-- below zero by what was ever handed out) to "available", from there to "reserved" while work is open, and then to
-- "used" or back.
CREATE TABLE credit_balance (
    account_id uuid   NOT NULL,
    currency   text   NOT NULL CHECK (currency IN ('credits', 'compute_units')),
    bucket     text   NOT NULL CHECK (bucket IN ('issued', 'available', 'reserved', 'used')),
    balance    bigint NOT NULL,
    PRIMARY KEY (account_id, currency, bucket),
    CONSTRAINT credit_balance_not_overdrawn CHECK (bucket = 'issued' OR balance >= 0)
) WITH (fillfactor = 70);

CREATE TABLE credit_transfer (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  uuid        NOT NULL,
    currency    text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('grant', 'purchase', 'reserve', 'settle', 'release', 'refund', 'expire')),
    amount      bigint      NOT NULL CHECK (amount > 0),
    reference   text        NOT NULL,
    description text        NOT NULL,
    created_at  timestamptz NOT NULL,
    UNIQUE (account_id, currency, kind, reference)
);

CREATE TABLE credit_entry (
    transfer_id bigint NOT NULL REFERENCES credit_transfer (id),
    account_id  uuid   NOT NULL,
    currency    text   NOT NULL,
    bucket      text   NOT NULL,
    amount      bigint NOT NULL,
    PRIMARY KEY (transfer_id, bucket)
);
CREATE INDEX credit_entry_account ON credit_entry (account_id, currency, bucket);

CREATE FUNCTION credit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER credit_transfer_append_only BEFORE UPDATE OR DELETE ON credit_transfer
    FOR EACH ROW EXECUTE FUNCTION credit_append_only();
CREATE TRIGGER credit_entry_append_only BEFORE UPDATE OR DELETE ON credit_entry
    FOR EACH ROW EXECUTE FUNCTION credit_append_only();

-- Moves an amount between two buckets, once for each reference; answers 'moved', 'repeated' or 'insufficient'.
CREATE FUNCTION credit_move(
    p_account uuid, p_currency text, p_kind text, p_from text, p_to text,
    p_amount bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_transfer bigint;
BEGIN
    -- One order of locks for every transfer: the account's "available" balance first.
    INSERT INTO credit_balance (account_id, currency, bucket, balance)
    VALUES (p_account, p_currency, 'available', 0)
    ON CONFLICT (account_id, currency, bucket) DO NOTHING;
    PERFORM 1 FROM credit_balance
     WHERE account_id = p_account AND currency = p_currency AND bucket = 'available' FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM credit_transfer
         WHERE account_id = p_account AND currency = p_currency AND kind = p_kind AND reference = p_reference) THEN
        RETURN 'repeated';
    END IF;
    IF p_from <> 'issued' AND NOT EXISTS (
        SELECT 1 FROM credit_balance
         WHERE account_id = p_account AND currency = p_currency AND bucket = p_from AND balance >= p_amount) THEN
        RETURN 'insufficient';
    END IF;
    INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
    VALUES (p_account, p_currency, p_kind, p_amount, p_reference, p_description, p_at)
    RETURNING id INTO v_transfer;
    INSERT INTO credit_balance (account_id, currency, bucket, balance)
    VALUES (p_account, p_currency, p_from, 0), (p_account, p_currency, p_to, 0)
    ON CONFLICT (account_id, currency, bucket) DO NOTHING;
    UPDATE credit_balance SET balance = balance - p_amount
     WHERE account_id = p_account AND currency = p_currency AND bucket = p_from;
    UPDATE credit_balance SET balance = balance + p_amount
     WHERE account_id = p_account AND currency = p_currency AND bucket = p_to;
    INSERT INTO credit_entry (transfer_id, account_id, currency, bucket, amount)
    VALUES (v_transfer, p_account, p_currency, p_from, -p_amount), (v_transfer, p_account, p_currency, p_to, p_amount);
    RETURN 'moved';
END $$;
