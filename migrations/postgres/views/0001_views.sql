-- Rows of views. Everything here can be rebuilt from the log.

-- Who writes a view. The row stays when the lease is given up, since fences only rise.
create table views.lease (
    tenant           text    collate "C" not null,
    name             text    collate "C" not null,               -- the view, or that and `/rebuild`
    holder           bytea   check (octet_length(holder) = 16),  -- UUID of a server; null = given up
    fence            bigint  not null check (fence > 0),         -- of the newest lease
    until            timestamptz not null,                       -- by this database's clock
    primary key (tenant, name)
) with (fillfactor = 50);

-- How far each build of each view has come.
create table views.view_checkpoint (
    tenant           text    collate "C" not null,
    view             text    collate "C" not null,
    revision         bigint  not null,                           -- code's revision << 16 | number of the build
    position         bigint  not null check (position >= 0),     -- last one folded in; 0 = none
    live             boolean not null,                           -- answers are read from it
    halted_position  bigint,                                     -- where folding failed, if it did
    halted_code      text,                                       -- and why
    primary key (tenant, view, revision)
) with (fillfactor = 50);
create unique index view_checkpoint_live on views.view_checkpoint (tenant, view) where live;

create table views.view_row (
    tenant           text    collate "C" not null,
    view             text    collate "C" not null,
    revision         bigint  not null,                           -- of the build
    stream_tag       bytea   not null check (octet_length(stream_tag) = 16),
    key              text    collate "C" not null,               -- empty = the fold's state
    sort1            bigint  not null,                           -- order of first appearance
    sort2            bigint  not null,                           -- order of last change
    state            bytea   not null,                           -- sealed; empty in rows with a body
    body             bytea   not null,                           -- sealed; empty in rows with a state
    primary key (tenant, view, revision, stream_tag, key)
);
alter table views.view_row alter column state set storage external, alter column body set storage external;
create index view_row_sort1 on views.view_row (tenant, view, revision, sort1) where body <> ''::bytea;
create index view_row_sort2 on views.view_row (tenant, view, revision, sort2) where body <> ''::bytea;

-- Whether the lease is the newest of its name; it stays so until the transaction ends. What a view writes
-- need not be on the disk when it is answered: the log is, and rows follow from it. So commits of views
-- do not wait for the disk.
create function views.holds(p_tenant text, p_name text, p_fence bigint) returns boolean
language plpgsql volatile as $$
begin
    perform set_config('synchronous_commit', 'off', true);
    perform from views.lease l
    where l.tenant = p_tenant and l.name = p_name and l.fence = p_fence for share;
    return found;
end $$;

-- The functions below write nothing and give false where the lease is lost, or what they name does not
-- stand as it should.

create function views.begin_build(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint, p_live boolean
) returns boolean language plpgsql volatile as $$
begin
    if not views.holds(p_tenant, p_name, p_fence) then
        return false;
    end if;
    -- Another live build leaves no row to add; the build itself does not matter if it is there.
    insert into views.view_checkpoint (tenant, view, revision, position, live)
    values (p_tenant, p_view, p_revision, 0, p_live) on conflict do nothing;
    perform from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return found;
end $$;

create function views.commit_rows(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint,
    p_expected bigint, p_position bigint, p_cleared bytea[],
    p_tags bytea[], p_keys text[], p_sort1 bigint[], p_sort2 bigint[], p_states bytea[], p_bodies bytea[]
) returns boolean language plpgsql volatile as $$
begin
    if not views.holds(p_tenant, p_name, p_fence) then
        return false;
    end if;
    update views.view_checkpoint c set position = p_position
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision
    and c.position = p_expected and c.halted_position is null;
    if not found then
        return false;
    end if;
    if cardinality(p_cleared) > 0 then
        delete from views.view_row r
        where r.tenant = p_tenant and r.view = p_view and r.revision = p_revision
        and r.stream_tag = any (p_cleared);
    end if;
    insert into views.view_row as r
        (tenant, view, revision, stream_tag, key, sort1, sort2, state, body)
    select p_tenant, p_view, p_revision, n.tag, n.key, n.sort1, n.sort2, n.state, n.body
    from unnest(p_tags, p_keys, p_sort1, p_sort2, p_states, p_bodies)
        as n (tag, key, sort1, sort2, state, body)
    on conflict (tenant, view, revision, stream_tag, key) do update
    set sort1 = excluded.sort1, sort2 = excluded.sort2, state = excluded.state, body = excluded.body;
    return true;
end $$;

create function views.halt(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint, p_position bigint,
    p_code text
) returns boolean language plpgsql volatile as $$
begin
    if not views.holds(p_tenant, p_name, p_fence) then
        return false;
    end if;
    update views.view_checkpoint c
    set halted_code = coalesce(c.halted_code, p_code),
        halted_position = coalesce(c.halted_position, p_position)
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return found;
end $$;

-- Removes the other builds before the build becomes the live one: there is one live build only.
create function views.switch(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint
) returns boolean language plpgsql volatile as $$
begin
    if not views.holds(p_tenant, p_name, p_fence) then
        return false;
    end if;
    perform from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision for update;
    if not found then
        return false;
    end if;
    delete from views.view_row r
    where r.tenant = p_tenant and r.view = p_view and r.revision <> p_revision;
    delete from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision <> p_revision;
    update views.view_checkpoint c set live = true
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return true;
end $$;

create function views.discard(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint
) returns boolean language plpgsql volatile as $$
begin
    if not views.holds(p_tenant, p_name, p_fence) then
        return false;
    end if;
    delete from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision and not c.live;
    if found then
        delete from views.view_row r
        where r.tenant = p_tenant and r.view = p_view and r.revision = p_revision;
        return true;
    end if;
    -- What is not there is as good as discarded; the live one stays.
    perform from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return not found;
end $$;

revoke all on all functions in schema views from public;
grant usage on schema views to fokus_app;
grant select on all tables in schema views to fokus_app;
grant insert, update, delete on views.lease, views.view_checkpoint, views.view_row to fokus_app;
grant execute on all functions in schema views to fokus_app;
