-- Plan units by calendar period, purchases and their return, and what administrators did.

ALTER TABLE credit_balance ADD CONSTRAINT credit_balance_not_taken_back_twice CHECK (bucket <> 'issued' OR balance <= 0);

ALTER TABLE credit_transfer
    DROP CONSTRAINT credit_transfer_kind_check,
    ADD CONSTRAINT credit_transfer_kind_check CHECK (
        kind IN ('grant', 'refill', 'purchase', 'refund', 'expire', 'reserve', 'settle', 'release')),
    ADD CONSTRAINT credit_transfer_currency_check CHECK (currency IN ('credits', 'compute_units'));

ALTER TABLE credit_entry
    ADD CONSTRAINT credit_entry_currency_check CHECK (currency IN ('credits', 'compute_units')),
    ADD CONSTRAINT credit_entry_bucket_check CHECK (bucket IN ('issued', 'available', 'reserved', 'used'));

CREATE TRIGGER credit_transfer_no_truncate BEFORE TRUNCATE ON credit_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION credit_append_only();
CREATE TRIGGER credit_entry_no_truncate BEFORE TRUNCATE ON credit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION credit_append_only();

-- What an account's owner sees of its history, newest first.
CREATE INDEX credit_transfer_history ON credit_transfer (account_id, currency, id) WHERE kind NOT IN ('reserve', 'release');

-- Which of an account's units came with its plan, and so end with the period. They are used before any others. Units of
-- an ended period that open work still holds are carried until that work ends: what it does not use of them expires then.
CREATE TABLE credit_allowance (
    account_id       uuid   NOT NULL,
    currency         text   NOT NULL CHECK (currency IN ('credits', 'compute_units')),
    -- The reference of the refill that began the period.
    period           text   NOT NULL,
    -- Transfers with a smaller id were made before the period.
    boundary         bigint NOT NULL,
    -- Plan units of this period, and how many of them were settled.
    granted          bigint NOT NULL CHECK (granted >= 0),
    used             bigint NOT NULL CHECK (used BETWEEN 0 AND granted),
    -- All that was settled since the period began, of whatever units.
    settled          bigint NOT NULL CHECK (settled >= 0),
    -- What is still reserved since before the period, and how much of that are plan units of then.
    carried_reserved bigint NOT NULL CHECK (carried_reserved >= 0),
    carried          bigint NOT NULL CHECK (carried BETWEEN 0 AND carried_reserved),
    PRIMARY KEY (account_id, currency)
) WITH (fillfactor = 70);

-- One order of locks for every change of an account's units: its "available" balance first.
CREATE FUNCTION credit_lock(p_account uuid, p_currency text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO credit_balance (account_id, currency, bucket, balance)
    VALUES (p_account, p_currency, 'available', 0)
    ON CONFLICT (account_id, currency, bucket) DO NOTHING;
    PERFORM 1 FROM credit_balance
     WHERE account_id = p_account AND currency = p_currency AND bucket = 'available' FOR UPDATE;
END $$;

CREATE FUNCTION credit_in(p_account uuid, p_currency text, p_bucket text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT balance FROM credit_balance
                      WHERE account_id = p_account AND currency = p_currency AND bucket = p_bucket), 0)
$$;

-- Moves an amount between two buckets, once for each kind and reference; answers 'moved', 'repeated', 'insufficient', or
-- 'conflict' where the reference moved another amount before.
CREATE OR REPLACE FUNCTION credit_move(
    p_account uuid, p_currency text, p_kind text, p_from text, p_to text,
    p_amount bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_before    bigint;
    v_transfer  bigint;
    v_open      bigint;
    v_reserve   bigint;
    v_excess    bigint;
    v_allowance credit_allowance;
BEGIN
    PERFORM credit_lock(p_account, p_currency);
    SELECT amount INTO v_before FROM credit_transfer
     WHERE account_id = p_account AND currency = p_currency AND kind = p_kind AND reference = p_reference;
    IF FOUND THEN
        RETURN CASE WHEN v_before = p_amount THEN 'repeated' ELSE 'conflict' END;
    END IF;
    IF p_from <> 'issued' AND credit_in(p_account, p_currency, p_from) < p_amount THEN
        RETURN 'insufficient';
    END IF;
    IF p_kind IN ('settle', 'release') THEN
        -- No work ends with more than it has reserved itself.
        SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END), 0), min(id) FILTER (WHERE kind = 'reserve')
          INTO v_open, v_reserve FROM credit_transfer
         WHERE account_id = p_account AND currency = p_currency AND kind IN ('reserve', 'settle', 'release')
           AND reference = p_reference;
        IF v_open < p_amount THEN
            RETURN 'insufficient';
        END IF;
    END IF;
    IF p_kind IN ('settle', 'release', 'refund') THEN
        SELECT * INTO v_allowance FROM credit_allowance WHERE account_id = p_account AND currency = p_currency;
    END IF;
    -- A refund takes back what was bought, never what the plan gives.
    IF p_kind = 'refund' AND v_allowance.account_id IS NOT NULL
       AND credit_in(p_account, p_currency, 'available') - greatest(0, v_allowance.granted - v_allowance.used
               - (credit_in(p_account, p_currency, 'reserved') - v_allowance.carried_reserved)) < p_amount THEN
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

    IF v_allowance.account_id IS NULL OR p_kind = 'refund' THEN
        RETURN 'moved';
    END IF;
    IF v_reserve < v_allowance.boundary THEN
        -- Work of an earlier period: what it settles comes out of the carried plan units first, and of these no more are
        -- kept than the rest of such work can still use.
        v_excess := CASE p_kind WHEN 'release'
            THEN greatest(0, v_allowance.carried - (v_allowance.carried_reserved - p_amount)) ELSE 0 END;
        UPDATE credit_allowance
           SET settled = settled + CASE p_kind WHEN 'settle' THEN p_amount ELSE 0 END,
               carried_reserved = carried_reserved - p_amount,
               carried = CASE p_kind WHEN 'settle' THEN greatest(0, carried - p_amount) ELSE carried - v_excess END
         WHERE account_id = p_account AND currency = p_currency;
        IF v_excess > 0 AND credit_move(p_account, p_currency, 'expire', 'available', 'issued', v_excess, p_reference,
                'Units of an ended period that were not used', p_at) <> 'moved' THEN
            RAISE EXCEPTION 'units released by % cannot expire', p_reference;
        END IF;
    ELSIF p_kind = 'settle' THEN
        UPDATE credit_allowance SET settled = settled + p_amount, used = least(granted, used + p_amount)
         WHERE account_id = p_account AND currency = p_currency;
    END IF;
    RETURN 'moved';
END $$;

-- Begins a period: what is left of the ended one's plan units expires, except what open work holds, and the new one's are
-- granted. Answers false, and does nothing, where the period has begun already.
CREATE FUNCTION credit_begin_period(
    p_account uuid, p_currency text, p_units bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_allowance credit_allowance;
    v_reserved  bigint;
    v_held      bigint := 0;
    v_unused    bigint;
    v_boundary  bigint;
BEGIN
    PERFORM credit_lock(p_account, p_currency);
    SELECT * INTO v_allowance FROM credit_allowance WHERE account_id = p_account AND currency = p_currency;
    IF v_allowance.period = p_reference OR EXISTS (
        SELECT 1 FROM credit_transfer
         WHERE account_id = p_account AND currency = p_currency AND kind = 'refill' AND reference = p_reference) THEN
        RETURN false;
    END IF;
    v_reserved := credit_in(p_account, p_currency, 'reserved');
    IF v_allowance.account_id IS NOT NULL THEN
        v_unused := v_allowance.granted - v_allowance.used;
        v_held := least(v_unused, v_reserved - v_allowance.carried_reserved);
        v_unused := least(v_unused - v_held, credit_in(p_account, p_currency, 'available'));
        IF v_unused > 0 AND credit_move(p_account, p_currency, 'expire', 'available', 'issued', v_unused, p_reference,
                'Unused units of the period that ended', p_at) <> 'moved' THEN
            RAISE EXCEPTION 'the unused units of account % cannot expire before %', p_account, p_reference;
        END IF;
    END IF;
    v_boundary := nextval(pg_get_serial_sequence('credit_transfer', 'id'));
    IF p_units > 0 THEN
        PERFORM credit_move(p_account, p_currency, 'refill', 'issued', 'available', p_units, p_reference, p_description, p_at);
    END IF;
    INSERT INTO credit_allowance
        (account_id, currency, period, boundary, granted, used, settled, carried_reserved, carried)
    VALUES (p_account, p_currency, p_reference, v_boundary, p_units, 0, 0, v_reserved, v_held)
    ON CONFLICT (account_id, currency) DO UPDATE
       SET period = excluded.period, boundary = excluded.boundary, granted = excluded.granted, used = 0, settled = 0,
           carried_reserved = excluded.carried_reserved, carried = credit_allowance.carried + excluded.carried;
    RETURN true;
END $$;

-- Changes the plan units of the running period, keeping what was used of them: the difference is granted, or as much of it
-- taken back as is neither used nor reserved.
CREATE FUNCTION credit_change_allowance(
    p_account uuid, p_currency text, p_units bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_allowance credit_allowance;
    v_unused    bigint;
    v_wanted    bigint;
    v_held      bigint;
    v_taken     bigint;
BEGIN
    PERFORM credit_lock(p_account, p_currency);
    SELECT * INTO STRICT v_allowance FROM credit_allowance WHERE account_id = p_account AND currency = p_currency;
    v_unused := v_allowance.granted - v_allowance.used;
    v_wanted := greatest(0, p_units - v_allowance.used);
    IF v_wanted > v_unused THEN
        IF credit_move(p_account, p_currency, 'refill', 'issued', 'available', v_wanted - v_unused, p_reference,
                p_description, p_at) = 'moved' THEN
            UPDATE credit_allowance SET granted = granted + v_wanted - v_unused
             WHERE account_id = p_account AND currency = p_currency;
        END IF;
        RETURN;
    END IF;
    v_held := least(v_unused, credit_in(p_account, p_currency, 'reserved') - v_allowance.carried_reserved);
    v_taken := least(v_unused - v_wanted, v_unused - v_held, credit_in(p_account, p_currency, 'available'));
    IF v_taken > 0 AND credit_move(p_account, p_currency, 'expire', 'available', 'issued', v_taken, p_reference,
            p_description, p_at) = 'moved' THEN
        UPDATE credit_allowance SET granted = granted - v_taken WHERE account_id = p_account AND currency = p_currency;
    END IF;
END $$;

-- Until now a new account's plan units were an ordinary grant.
INSERT INTO credit_allowance (account_id, currency, period, boundary, granted, used, settled, carried_reserved, carried)
SELECT t.account_id, t.currency, 'sign-up', t.id, t.amount, least(t.amount, credit_in(t.account_id, t.currency, 'used')),
       credit_in(t.account_id, t.currency, 'used'), 0, 0
  FROM credit_transfer t WHERE t.currency = 'compute_units' AND t.kind = 'grant' AND t.reference = 'sign-up';

-- The calendar periods of an account's plan, one row for each of the two APIs. Period n begins n months after the anchor.
CREATE TABLE plan_period (
    account_id      uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    api             text        NOT NULL CHECK (api IN ('selextract', 'mapscraper')),
    anchor          timestamptz NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL CHECK (ends_at > starts_at),
    -- Credits that were granted in this period; compute units are counted by their allowance.
    credits         bigint      NOT NULL DEFAULT 0,
    -- Null while the plan is the free one.
    subscription_id uuid,
    PRIMARY KEY (account_id, api)
);
CREATE INDEX plan_period_due ON plan_period (ends_at, account_id, api);

INSERT INTO plan_period (account_id, api, anchor, starts_at, ends_at, subscription_id)
SELECT id, 'selextract', created_at, created_at, (created_at AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC',
       CASE WHEN selextract_plan <> 'free' THEN gen_random_uuid() END
  FROM account;

-- What administrators did to accounts. It has ids and no personal data, and outlives the accounts.
CREATE TABLE audit_log (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL,
    actor_id        uuid        NOT NULL,
    action          text        NOT NULL,
    subject_id      uuid        NOT NULL,
    details         jsonb       NOT NULL,
    -- The request's Idempotency-Key and the hash of its body: what has a key is done once.
    idempotency_key text,
    request_hash    text,
    CHECK ((idempotency_key IS NULL) = (request_hash IS NULL))
);
CREATE UNIQUE INDEX audit_log_idempotency ON audit_log (actor_id, action, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX audit_log_subject ON audit_log (subject_id, id);

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
