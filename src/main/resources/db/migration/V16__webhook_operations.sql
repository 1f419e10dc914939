-- For the erasure of closed accounts.
CREATE INDEX webhook_event_account ON webhook_event (account_id);

-- When to tell an account that little is left: once, when "available" falls under a tenth of what last came, until more comes.
ALTER TABLE credit_balance
    -- Only of "available": the amount of the last grant, refill or purchase, and whether the account was told since then.
    ADD COLUMN last_grant bigint,
    ADD COLUMN told_low   boolean NOT NULL DEFAULT false;

-- Who has little already is not told of it by an upgrade.
UPDATE credit_balance b SET last_grant = t.amount, told_low = b.balance * 10 < t.amount
  FROM (SELECT DISTINCT ON (account_id, currency) account_id, currency, amount FROM credit_transfer
         WHERE kind IN ('grant', 'refill', 'purchase') ORDER BY account_id, currency, id DESC) t
 WHERE b.account_id = t.account_id AND b.currency = t.currency AND b.bucket = 'available';

CREATE FUNCTION credit_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE credit_balance SET last_grant = NEW.amount, told_low = false
     WHERE account_id = NEW.account_id AND currency = NEW.currency AND bucket = 'available';
    RETURN NULL;
END $$;
CREATE TRIGGER credit_transfer_came AFTER INSERT ON credit_transfer
    FOR EACH ROW WHEN (NEW.kind IN ('grant', 'refill', 'purchase')) EXECUTE FUNCTION credit_came();

-- Notes that an account is to be told that little is left; answers what is left and what last came, or nothing where there is
-- enough, or the account knows.
CREATE FUNCTION credit_tell_low(p_account uuid, p_currency text) RETURNS TABLE (left_over bigint, came bigint)
LANGUAGE sql AS $$
    UPDATE credit_balance SET told_low = true
     WHERE account_id = p_account AND currency = p_currency AND bucket = 'available'
       AND NOT told_low AND balance * 10 < last_grant
    RETURNING balance, last_grant
$$;

-- As credit_move, and as credit_tell_low after it where something was taken from what is available: one round trip.
CREATE FUNCTION credit_move_and_look(
    p_account uuid, p_currency text, p_kind text, p_from text, p_to text,
    p_amount bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS TABLE (outcome text, left_over bigint, came bigint) LANGUAGE plpgsql AS $$
BEGIN
    outcome := credit_move(p_account, p_currency, p_kind, p_from, p_to, p_amount, p_reference, p_description, p_at);
    IF outcome = 'moved' AND p_from = 'available' THEN
        SELECT low.left_over, low.came INTO left_over, came FROM credit_tell_low(p_account, p_currency) low;
    END IF;
    RETURN NEXT;
END $$;
