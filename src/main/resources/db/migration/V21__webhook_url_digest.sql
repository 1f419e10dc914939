-- A URL can be longer than an entry of an index may be, so its digest is what is unique.
CREATE FUNCTION url_digest(url text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT sha256(convert_to(url, 'UTF8'))
$$;
DROP INDEX webhook_endpoint_unregistered;
CREATE UNIQUE INDEX webhook_endpoint_unregistered ON webhook_endpoint (account_id, url_digest(url)) WHERE NOT registered;
