-- Wrapped keys. Nothing here opens anything without the root key, which is not in a database.

-- Key-encryption keys of each tenant, wrapped under the root key.
create table keys.kek (
    tenant           text    collate "C" not null,
    epoch            bigint  not null check (epoch > 0),         -- from 1; the highest is in use
    wrapped          bytea   not null,
    primary key (tenant, epoch)
);

-- Content keys, wrapped under a key-encryption key. Deleting a row is erasure.
create table keys.key (
    tenant           text    collate "C" not null,
    key_id           bytea   not null check (octet_length(key_id) = 16), -- random; named in leaves
    stream_tag       bytea   not null check (octet_length(stream_tag) = 16), -- zero for keys of the tenant
    person           bytea   check (octet_length(person) = 16),  -- UUID; null for keys of the stream
    kind             smallint not null check (kind between 1 and 4), -- 1 stream, 2 person, 3 access, 4 index
    epoch            bigint  not null,                           -- of the key-encryption key
    wrapped          bytea   not null,
    primary key (tenant, key_id),
    unique nulls not distinct (tenant, stream_tag, person)       -- one key for each slot
);

grant usage on schema keys to fokus_keys;
grant select on all tables in schema keys to fokus_keys;
grant insert, update, delete on keys.kek, keys.key to fokus_keys;
