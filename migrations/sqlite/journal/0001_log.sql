-- The log of each tenant, and the tables that follow from it. Everything is written in the same
-- transaction as the events that it follows from.

-- One row for each log: where it stands. Moves with each append.
create table log (
    tenant           text    not null,
    log              text    not null,                           -- `journal`
    origin           text    not null unique,                    -- <authority>/<tenant>/<log>
    size             integer not null check (size >= 0),         -- events; position of the last one
    root             blob    not null check (length(root) = 32), -- RFC 6962 tree hash over the leaves
    edge             blob    not null,                           -- frontier, largest subtree first, 32 bytes each
    last_ms          integer not null check (last_ms >= 0),      -- Unix ms of the last event; 0 = none
    note             text    not null,                           -- checkpoint over size and root, signed
    synthetic        integer not null check (synthetic in (0, 1)), -- 1 = invented people only
    primary key (tenant, log)
) strict, without rowid;

-- The events, as hashed. Nobody changes or removes one, not even by hand.
create table leaf (
    tenant           text    not null,
    log              text    not null,
    position         integer not null check (position > 0),      -- 1, 2, 3 … without gaps
    stream_tag       blob    not null check (length(stream_tag) = 16),
    revision         integer not null check (revision > 0),      -- 1, 2, 3 … in the stream
    leaf             blob    not null,                           -- format FJL1, byte for byte
    primary key (tenant, log, position),
    unique (tenant, log, stream_tag, revision)
) strict;

create trigger leaf_no_update before update on leaf
begin select raise(abort, 'events are never changed'); end;
create trigger leaf_no_delete before delete on leaf
begin select raise(abort, 'events are never removed'); end;

-- The content of the events, sealed. A row may be removed under an erasure certificate.
create table envelope (
    tenant           text    not null,
    log              text    not null,
    position         integer not null,
    idx              integer not null check (idx between 0 and 15), -- 0 holds the header
    body             blob    not null,                           -- nonce, ciphertext, tag
    primary key (tenant, log, position, idx),
    foreign key (tenant, log, position) references leaf
) strict;

create trigger envelope_no_update before update on envelope
begin select raise(abort, 'envelopes are never changed'); end;

-- Full tiles of the tree: 256 hashes each.
create table tile (
    tenant           text    not null,
    log              text    not null,
    level            integer not null check (level between 0 and 7), -- 0 = leaf hashes
    n                integer not null check (n >= 0),            -- number in the level, from 0
    hashes           blob    not null check (length(hashes) = 8192),
    primary key (tenant, log, level, n)
) strict;

create trigger tile_no_update before update on tile
begin select raise(abort, 'tiles are never changed'); end;
create trigger tile_no_delete before delete on tile
begin select raise(abort, 'tiles are never removed'); end;

-- Which stream a tag in the leaves stands for, and where the stream stands.
create table stream (
    tenant           text    not null,
    tag              blob    not null check (length(tag) = 16),  -- random, the stream's name in leaves
    kind             text    not null,                           -- family, person, …
    id               blob    not null check (length(id) = 16),   -- the thing's id, a UUID
    revision         integer not null check (revision > 0),      -- of the last event
    last_position    integer not null check (last_position > 0), -- of the last event
    primary key (tenant, tag),
    unique (tenant, kind, id)
) strict, without rowid;

-- Commands that were accepted, for ever: a repeated one is answered from here.
create table command (
    tenant           text    not null,
    command_id       blob    not null check (length(command_id) = 16), -- UUID chosen by the client
    first            integer not null check (first > 0),         -- position of its first event
    count            integer not null check (count > 0),         -- how many events
    primary key (tenant, command_id)
) strict, without rowid;

-- Keys that are unique in the tenant: blind indexes of CPR numbers, references of families.
create table claimed_key (
    tenant           text    not null,
    kind             text    not null,                           -- cpr, reference, …
    tag              blob    not null,                           -- what is claimed, at most 64 bytes
    stream           blob    not null check (length(stream) = 16), -- tag of the stream that holds it
    primary key (tenant, kind, tag)
) strict, without rowid;
