-- Wrapped keys. Nothing here opens anything without the root key, which is not in a database.

-- Key-encryption keys of each tenant, wrapped under the root key.
create table kek (
    tenant           text    not null,
    epoch            integer not null check (epoch > 0),         -- from 1; the highest is in use
    wrapped          blob    not null,
    primary key (tenant, epoch)
) strict, without rowid;

-- Content keys, wrapped under a key-encryption key. Deleting a row is erasure.
create table key (
    tenant           text    not null,
    key_id           blob    not null check (length(key_id) = 16), -- random; named in leaves
    stream_tag       blob    not null check (length(stream_tag) = 16), -- zero for keys of the tenant
    person           blob    check (length(person) = 16),        -- UUID; null for keys of the stream
    kind             integer not null check (kind between 1 and 4), -- 1 stream, 2 person, 3 access, 4 index
    epoch            integer not null,                           -- of the key-encryption key
    wrapped          blob    not null,
    primary key (tenant, key_id)
) strict, without rowid;

-- One key for each slot. Nulls are all different to a unique index, so they are made equal.
create unique index key_slot on key (tenant, stream_tag, coalesce(person, x''));
