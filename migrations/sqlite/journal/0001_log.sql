-- The log of each tenant, and the tables that follow from it.
--
-- What each append writes is in order of position: it touches the last page of a few tables. What is
-- found by random keys (commands, streams) is written later and many rows at a time, in order of its
-- key; until then `unsettled` keeps it, in order of position too, and the program has it in memory.

-- One row for each log: where it stands. Moves with each append.
create table log (
    log              integer primary key check (log between 1 and 524287), -- begins every key below
    tenant           text    not null,
    name             text    not null,                           -- `journal`
    origin           text    not null unique,                    -- <authority>/<tenant>/<name>
    size             integer not null check (size >= 0),         -- events; position of the last one
    root             blob    not null check (length(root) = 32), -- RFC 6962 tree hash over the leaves
    edge             blob    not null,                           -- frontier, largest subtree first, 32 bytes each
    last_ms          integer not null check (last_ms >= 0),      -- Unix ms of the last event; 0 = none
    note             text    not null,                           -- checkpoint over size and root, signed
    synthetic        integer not null check (synthetic in (0, 1)), -- 1 = invented people only
    settled          integer not null check (settled between 0 and size), -- up to here, `command`, `stream` and `stream_name` say everything
    unique (tenant, name)
) strict;

-- The events, as hashed. Nobody changes or removes one, not even by hand.
create table leaf (
    place            integer primary key,                        -- log << 44 | position << 4
    leaf             blob    not null,                           -- format FJL1, byte for byte
    log              integer not null as (place >> 44) virtual,
    position         integer not null as ((place >> 4) & 0xffffffffff) virtual -- 1, 2, 3 … without gaps
) strict;

create trigger leaf_no_update before update on leaf
begin select raise(abort, 'events are never changed'); end;
create trigger leaf_no_delete before delete on leaf
begin select raise(abort, 'events are never removed'); end;

-- The content of the events, sealed. A row may be removed under an erasure certificate.
create table envelope (
    place            integer primary key,                        -- log << 44 | position << 4 | idx
    body             blob    not null,                           -- nonce, ciphertext, tag
    log              integer not null as (place >> 44) virtual,
    position         integer not null as ((place >> 4) & 0xffffffffff) virtual,
    idx              integer not null as (place & 15) virtual    -- 0 holds the header
) strict;

create trigger envelope_no_update before update on envelope
begin select raise(abort, 'envelopes are never changed'); end;

-- Full tiles of the tree: 256 hashes each.
create table tile (
    log              integer not null,
    level            integer not null check (level between 0 and 7), -- 0 = leaf hashes
    n                integer not null check (n >= 0),            -- number in the level, from 0
    hashes           blob    not null check (length(hashes) = 8192),
    primary key (log, level, n)
) strict;

create trigger tile_no_update before update on tile
begin select raise(abort, 'tiles are never changed'); end;
create trigger tile_no_delete before delete on tile
begin select raise(abort, 'tiles are never removed'); end;

-- Which stream a tag in the leaves stands for, and where the stream stood when that was settled.
create table stream (
    log              integer not null,
    tag              blob    not null check (length(tag) = 16),  -- random, the stream's name in leaves
    kind             text    not null,                           -- family, person, …
    id               blob    not null check (length(id) = 16),   -- the thing's id, a UUID
    revision         integer not null check (revision > 0),      -- of the last event
    last_position    integer not null check (last_position > 0), -- of the last event
    primary key (log, tag)
) strict, without rowid;

-- The tag of each stream.
create table stream_name (
    log              integer not null,
    kind             text    not null,
    id               blob    not null check (length(id) = 16),
    tag              blob    not null check (length(tag) = 16),
    primary key (log, kind, id)
) strict, without rowid;

-- Where every 64th event of a stream is. The others are found by the links in the leaves.
create table stream_mark (
    log              integer not null,
    tag              blob    not null check (length(tag) = 16),
    revision         integer not null check (revision % 64 = 0),
    position         integer not null,
    primary key (log, tag, revision)
) strict, without rowid;

-- Commands that were accepted, for ever: a repeated one is answered from here.
create table command (
    log              integer not null,
    command_id       blob    not null check (length(command_id) = 16), -- UUID chosen by the client
    first            integer not null check (first > 0),         -- position of its first event
    count            integer not null check (count > 0),         -- how many events
    primary key (log, command_id)
) strict, without rowid;

-- Commands and beginning streams of the batches whose events are not settled.
create table unsettled (
    place            integer primary key,                        -- log << 44 | position of the first event << 4
    commands         blob    not null,                           -- each: id 16, first 8, count 4 bytes, big-endian
    streams          blob    not null                            -- each: tag 16, id 16, length of kind 1, kind
) strict;

-- Keys that are unique in the tenant: blind indexes of CPR numbers, references of families.
create table claimed_key (
    log              integer not null,
    kind             text    not null,                           -- cpr, reference, …
    tag              blob    not null,                           -- what is claimed, at most 64 bytes
    stream           blob    not null check (length(stream) = 16), -- tag of the stream that holds it
    primary key (log, kind, tag)
) strict, without rowid;
