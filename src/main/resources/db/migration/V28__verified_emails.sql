-- When the account's e-mail address was proved to be its owner's: by the link of a message sent there, or by an OpenID
-- provider. Null until then.
ALTER TABLE account ADD COLUMN email_verified_at timestamptz;
UPDATE account SET email_verified_at = i.linked_at
  FROM (SELECT account_id, min(created_at) AS linked_at FROM external_identity GROUP BY account_id) i
 WHERE i.account_id = account.id;
