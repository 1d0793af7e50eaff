-- The log of each tenant, and the tables that follow from it. Everything is written in the same
-- transaction as the events that it follows from, by the function `append` at the end.

-- What all logs of this store have in common. One row, for no tenant.
create table journal.store (
    one              boolean primary key default true check (one),
    authority        text    not null,                           -- begins the names of the logs; never changes
    synthetic        boolean not null,                           -- invented people only
    signer           bytea   not null check (octet_length(signer) = 32), -- public; tells another signing key
    copying          boolean not null default false              -- made by a copy that has not ended
);

-- One row for each log: where it stands. Moves with each append.
create table journal.log (
    tenant           text    collate "C" not null,
    log              text    collate "C" not null,               -- `journal`
    origin           text    not null,                           -- <authority>/<tenant>/<log>
    size             bigint  not null check (size >= 0),         -- events; position of the last one
    root             bytea   not null check (octet_length(root) = 32), -- RFC 6962 tree hash over the leaves
    edge             bytea   not null,                           -- frontier, largest subtree first, 32 bytes each
    last_ms          bigint  not null check (last_ms >= 0),      -- Unix ms of the last event; 0 = none
    note             text    not null,                           -- checkpoint over size and root, signed
    synthetic        boolean not null,                           -- invented people only
    copying          boolean not null default false,             -- its copy has not ended
    primary key (tenant, log)
) with (fillfactor = 30);

-- The events, as hashed. Nobody changes or removes one, not even by hand.
create table journal.leaf (
    tenant           text    collate "C" not null,
    log              text    collate "C" not null,
    position         bigint  not null check (position > 0),      -- 1, 2, 3 … without gaps
    stream_tag       bytea   not null check (octet_length(stream_tag) = 16),
    revision         bigint  not null check (revision > 0),      -- 1, 2, 3 … in the stream
    leaf             bytea   not null,                           -- format FJL1, byte for byte
    primary key (tenant, log, position),
    unique (tenant, log, stream_tag, revision)
);

-- The content of the events, sealed. A row may be removed under an erasure certificate. There is no
-- foreign key to `leaf`: checking it costs more than writing the row, and only `append` writes both.
create table journal.envelope (
    tenant           text    collate "C" not null,
    log              text    collate "C" not null,
    position         bigint  not null,
    idx              smallint not null check (idx between 0 and 15), -- 0 holds the header
    body             bytea   not null,                           -- nonce, ciphertext, tag
    primary key (tenant, log, position, idx)
);
-- What is sealed cannot be compressed.
alter table journal.envelope alter column body set storage external;

-- Full tiles of the tree: 256 hashes each.
create table journal.tile (
    tenant           text    collate "C" not null,
    log              text    collate "C" not null,
    level            smallint not null check (level between 0 and 7), -- 0 = leaf hashes
    n                bigint  not null check (n >= 0),            -- number in the level, from 0
    hashes           bytea   not null check (octet_length(hashes) = 8192),
    primary key (tenant, log, level, n)
);
alter table journal.tile alter column hashes set storage external;

-- Which stream a tag in the leaves stands for, and where the stream stands.
create table journal.stream (
    tenant           text    collate "C" not null,
    tag              bytea   not null check (octet_length(tag) = 16), -- random, the stream's name in leaves
    kind             text    collate "C" not null,               -- family, person, …
    id               bytea   not null check (octet_length(id) = 16), -- the thing's id, a UUID
    revision         bigint  not null check (revision > 0),      -- of the last event
    last_position    bigint  not null check (last_position > 0), -- of the last event
    primary key (tenant, tag),
    unique (tenant, kind, id)
) with (fillfactor = 70);

-- Commands that were accepted, for ever: a repeated one is answered from here.
create table journal.command (
    tenant           text    collate "C" not null,
    command_id       bytea   not null check (octet_length(command_id) = 16), -- UUID chosen by the client
    first            bigint  not null check (first > 0),         -- position of its first event
    count            integer not null check (count > 0),         -- how many events
    primary key (tenant, command_id)
);

-- Keys that are unique in the tenant: blind indexes of CPR numbers, references of families.
create table journal.claimed_key (
    tenant           text    collate "C" not null,
    kind             text    collate "C" not null,               -- cpr, reference, …
    tag              bytea   not null,                           -- what is claimed, at most 64 bytes
    stream           bytea   not null check (octet_length(stream) = 16), -- tag of the stream that holds it
    primary key (tenant, kind, tag)
);

-- Where a tenant's log stands and what stands of the names given, in one answer:
--   0 the log: root, –, –, size, last_ms                    1 leaves after `p_after`: leaf, –, –, position, –
--   2 streams: tag, kind, id, revision, last_position       3 commands: id, –, –, first, count
--   4 claims: stream that holds it, kind, tag, –, –
-- With `p_lock` nobody else appends until the transaction ends. Each statement sees what was committed
-- before it began, so nothing here is older than the row of the log, which is read first. Leaves come
-- only if there are at most `p_leaves_max`.
--
-- Here and below, `cross join lateral (… offset 0)` looks each name up in the index, one after the other,
-- whatever the planner believes of a table that was empty when it planned.
create function journal.look_up(
    p_tenant text, p_lock boolean, p_after bigint, p_leaves_max bigint,
    p_stream_kinds text[], p_stream_ids bytea[], p_stream_tags bytea[],
    p_command_ids bytea[], p_claim_kinds text[], p_claim_tags bytea[]
) returns table (what smallint, a bytea, t text, b bytea, x bigint, y bigint)
language plpgsql volatile as $$
declare
    stands record;
begin
    if p_lock then
        select l.root, l.size, l.last_ms into stands from journal.log l
        where l.tenant = p_tenant and l.log = 'journal' for no key update;
    else
        select l.root, l.size, l.last_ms into stands from journal.log l
        where l.tenant = p_tenant and l.log = 'journal';
    end if;
    if not found then
        return;
    end if;
    return query select 0::smallint, stands.root, null::text, null::bytea, stands.size, stands.last_ms;
    if stands.size > p_after and stands.size - p_after <= p_leaves_max then
        return query select 1::smallint, l.leaf, null::text, null::bytea, l.position, 0::bigint
        from journal.leaf l where l.tenant = p_tenant and l.log = 'journal'
        and l.position > p_after and l.position <= stands.size order by l.position;
    end if;
    if cardinality(p_stream_kinds) > 0 then
        return query select 2::smallint, s.tag, s.kind, s.id, s.revision, s.last_position
        from unnest(p_stream_kinds, p_stream_ids) as n (kind, id) cross join lateral (
            select * from journal.stream i
            where i.tenant = p_tenant and i.kind = n.kind and i.id = n.id offset 0) s;
    end if;
    if cardinality(p_stream_tags) > 0 then
        return query select 2::smallint, s.tag, s.kind, s.id, s.revision, s.last_position
        from unnest(p_stream_tags) as n (tag) cross join lateral (
            select * from journal.stream i where i.tenant = p_tenant and i.tag = n.tag offset 0) s;
    end if;
    if cardinality(p_command_ids) > 0 then
        return query select 3::smallint, c.command_id, null::text, null::bytea, c.first, c.count::bigint
        from unnest(p_command_ids) as n (command_id) cross join lateral (
            select * from journal.command i
            where i.tenant = p_tenant and i.command_id = n.command_id offset 0) c;
    end if;
    if cardinality(p_claim_kinds) > 0 then
        return query select 4::smallint, k.stream, k.kind, k.tag, 0::bigint, 0::bigint
        from unnest(p_claim_kinds, p_claim_tags) as n (kind, tag) cross join lateral (
            select * from journal.claimed_key i
            where i.tenant = p_tenant and i.kind = n.kind and i.tag = n.tag offset 0) k;
    end if;
end $$;

-- Writes a planned batch, if the log and everything that was assumed of it still stand so; else writes
-- nothing and gives false. The rules are those of the program that planned; here is only compared.
--   p_size_before, p_root_before   where the log must stand
--   p_absent_…                     commands and claims that must not be there
--   p_checked_…                    streams that must stand at these revisions, 0 = not be there
create function journal.append(
    p_tenant text, p_origin text, p_synthetic boolean, p_size_before bigint, p_root_before bytea,
    p_size bigint, p_root bytea, p_edge bytea, p_last_ms bigint, p_note text,
    p_leaves bytea[], p_leaf_tags bytea[], p_leaf_revisions bigint[],
    p_bodies bytea[], p_body_positions bigint[], p_body_indexes smallint[],
    p_command_ids bytea[], p_command_firsts bigint[], p_command_counts integer[],
    p_tags bytea[], p_kinds text[], p_ids bytea[], p_revisions bigint[], p_lasts bigint[],
    p_checked_kinds text[], p_checked_ids bytea[], p_checked_revisions bigint[],
    p_absent_kinds text[], p_absent_tags bytea[],
    p_freed_kinds text[], p_freed_tags bytea[],
    p_held_kinds text[], p_held_tags bytea[], p_held_by bytea[],
    p_tiles bytea[], p_tile_levels smallint[], p_tile_numbers bigint[]
) returns boolean
language plpgsql volatile as $$
declare
    written bigint;
begin
    if p_size_before = 0 then
        insert into journal.log (tenant, log, origin, size, root, edge, last_ms, note, synthetic)
        values (p_tenant, 'journal', p_origin, 0, p_root_before, ''::bytea, 0, p_note, p_synthetic)
        on conflict do nothing;
    end if;
    -- From here on nobody else appends to this log. Everything that appends moves `size`: so where it has
    -- not moved, nothing has that the rest of the condition looks at.
    update journal.log l
    set size = p_size, root = p_root, edge = p_edge, last_ms = p_last_ms, note = p_note
    where l.tenant = p_tenant and l.log = 'journal'
    and l.size = p_size_before and l.root = p_root_before
    and not exists (
        select from unnest(p_command_ids) as n (command_id) cross join lateral (
            select from journal.command c
            where c.tenant = p_tenant and c.command_id = n.command_id offset 0) c)
    and (cardinality(p_checked_kinds) = 0 or not exists (
        select from unnest(p_checked_kinds, p_checked_ids, p_checked_revisions) as n (kind, id, revision)
        left join lateral (
            select s.revision from journal.stream s
            where s.tenant = p_tenant and s.kind = n.kind and s.id = n.id offset 0) s on true
        where coalesce(s.revision, 0) <> n.revision))
    and (cardinality(p_absent_kinds) = 0 or not exists (
        select from unnest(p_absent_kinds, p_absent_tags) as n (kind, tag) cross join lateral (
            select from journal.claimed_key k
            where k.tenant = p_tenant and k.kind = n.kind and k.tag = n.tag offset 0) k));
    if not found then
        return false;
    end if;
    insert into journal.leaf (tenant, log, position, stream_tag, revision, leaf)
    select p_tenant, 'journal', p_size_before + n.at, n.tag, n.revision, n.leaf
    from unnest(p_leaf_tags, p_leaf_revisions, p_leaves) with ordinality as n (tag, revision, leaf, at);
    insert into journal.envelope (tenant, log, position, idx, body)
    select p_tenant, 'journal', n.position, n.idx, n.body
    from unnest(p_body_positions, p_body_indexes, p_bodies) as n (position, idx, body);
    insert into journal.command (tenant, command_id, first, count)
    select p_tenant, n.command_id, n.first, n.count
    from unnest(p_command_ids, p_command_firsts, p_command_counts) as n (command_id, first, count);
    insert into journal.stream as s (tenant, tag, kind, id, revision, last_position)
    select p_tenant, n.tag, n.kind, n.id, n.revision, n.last
    from unnest(p_tags, p_kinds, p_ids, p_revisions, p_lasts) as n (tag, kind, id, revision, last)
    on conflict (tenant, tag) do update
    set revision = excluded.revision, last_position = excluded.last_position
    where s.kind = excluded.kind and s.id = excluded.id and s.revision < excluded.revision;
    get diagnostics written = row_count;
    if written <> cardinality(p_tags) then
        raise exception 'a stream is not where it was left' using errcode = 'FJ001';
    end if;
    if cardinality(p_freed_kinds) > 0 then
        delete from journal.claimed_key k
        where k.tenant = p_tenant and k.kind = any (p_freed_kinds) and k.tag = any (p_freed_tags)
        and (k.kind, k.tag) in (select * from unnest(p_freed_kinds, p_freed_tags));
    end if;
    if cardinality(p_held_kinds) > 0 then
        insert into journal.claimed_key (tenant, kind, tag, stream)
        select p_tenant, n.kind, n.tag, n.stream
        from unnest(p_held_kinds, p_held_tags, p_held_by) as n (kind, tag, stream)
        on conflict (tenant, kind, tag) do update set stream = excluded.stream;
    end if;
    if cardinality(p_tiles) > 0 then
        insert into journal.tile (tenant, log, level, n, hashes)
        select p_tenant, 'journal', n.level, n.number, n.hashes
        from unnest(p_tile_levels, p_tile_numbers, p_tiles) as n (level, number, hashes);
    end if;
    return true;
end $$;

-- The database itself refuses to edit history, whoever asks. A cluster of Citus has no triggers on
-- distributed tables; roles alone protect there.
create function journal.refuse() returns trigger language plpgsql as $$
begin
    raise exception '% are never changed', tg_argv[0] using errcode = 'FJ002';
end $$;
do $$ begin
    if not exists (select from pg_extension where extname = 'citus') then
        create trigger leaf_stays before update or delete on journal.leaf
            for each row execute function journal.refuse('events');
        create trigger leaf_stays_whole before truncate on journal.leaf
            for each statement execute function journal.refuse('events');
        create trigger envelope_stays before update on journal.envelope
            for each row execute function journal.refuse('envelopes');
        create trigger tile_stays before update or delete on journal.tile
            for each row execute function journal.refuse('tiles');
        create trigger tile_stays_whole before truncate on journal.tile
            for each statement execute function journal.refuse('tiles');
    end if;
end $$;

revoke all on function journal.append, journal.look_up from public;
grant usage on schema journal to fokus_app, fokus_eraser;
grant select on all tables in schema journal to fokus_app;
grant insert on journal.leaf, journal.envelope, journal.tile, journal.command to fokus_app;
grant insert, update on journal.log, journal.stream, journal.store to fokus_app;
grant insert, update, delete on journal.claimed_key to fokus_app;
grant execute on function journal.append, journal.look_up to fokus_app;
-- Envelopes go when a person is erased: a role of its own, which may do nothing else.
grant select (tenant, log, position, idx), delete on journal.envelope to fokus_eraser;
