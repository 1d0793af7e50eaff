-- What other programs may read of rows, in clear, and the one view through which they do.

create table views.published_cell (
    tenant            text     collate "C" not null,
    view              text     collate "C" not null,
    revision          bigint   not null,                         -- of the build
    stream_tag        bytea    not null check (octet_length(stream_tag) = 16),
    key               text     collate "C" not null,             -- of the row in `view_row`
    table_code        text     collate "C" not null,
    row_number        integer  not null,                         -- from 0, in the order that people read them in
    column_number     integer  not null,
    row_code          text     not null,
    column_code       text     not null,
    number            bigint,                                    -- null = hidden
    threshold         integer  not null,                         -- families, below which a number is hidden
    programme_id      text     not null,                         -- UUID
    programme         text     not null,                         -- its name when it was released
    quarter           text     not null,                         -- such as 2019-Q3
    quarter_end       date     not null,                         -- its last day
    release_id        text     not null,                         -- UUID
    release_position  bigint   not null,                         -- in the log
    released_on       date     not null,                         -- the day
    released_at       timestamptz not null,                      -- when it was recorded
    primary key (tenant, view, revision, stream_tag, key, table_code, row_number, column_number)
);

-- As `commit_rows`, with what is published of the rows: a list of {tag, key, cells}, which replaces what was
-- published of each before. What was published of cleared streams goes.
create function views.commit_published(
    p_tenant text, p_name text, p_fence bigint, p_view text, p_revision bigint,
    p_expected bigint, p_position bigint, p_cleared bytea[],
    p_tags bytea[], p_keys text[], p_sort1 bigint[], p_sort2 bigint[], p_states bytea[], p_bodies bytea[],
    p_published jsonb
) returns boolean language plpgsql volatile as $$
begin
    if not views.commit_rows(p_tenant, p_name, p_fence, p_view, p_revision, p_expected, p_position,
                             p_cleared, p_tags, p_keys, p_sort1, p_sort2, p_states, p_bodies) then
        return false;
    end if;
    delete from views.published_cell c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision
    and (c.stream_tag = any (p_cleared)
         or exists (select from jsonb_to_recordset(p_published) as n (tag text, key text)
                    where decode(n.tag, 'hex') = c.stream_tag and n.key = c.key));
    insert into views.published_cell
        (tenant, view, revision, stream_tag, key, table_code, row_number, column_number, row_code,
         column_code, number, threshold, programme_id, programme, quarter, quarter_end, release_id,
         release_position, released_on, released_at)
    select p_tenant, p_view, p_revision, decode(n.tag, 'hex'), n.key, t.table_code, t.row_number,
        t.column_number, t.row_code, t.column_code, t.number, t.threshold, t.programme_id, t.programme,
        t.quarter, t.quarter_end, t.release_id, t.release_position, t.released_on, t.released_at
    from jsonb_to_recordset(p_published) as n (tag text, key text, cells jsonb)
    cross join lateral jsonb_to_recordset(n.cells) as t
        (table_code text, row_number integer, column_number integer, row_code text, column_code text,
         number bigint, threshold integer, programme_id text, programme text, quarter text,
         quarter_end date, release_id text, release_position bigint, released_on date,
         released_at timestamptz);
    return true;
end $$;

-- As before, with what is published of the builds that go.
create or replace function views.switch(
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
    delete from views.published_cell r
    where r.tenant = p_tenant and r.view = p_view and r.revision <> p_revision;
    delete from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision <> p_revision;
    update views.view_checkpoint c set live = true
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return true;
end $$;

create or replace function views.discard(
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
        delete from views.published_cell r
        where r.tenant = p_tenant and r.view = p_view and r.revision = p_revision;
        return true;
    end if;
    -- What is not there is as good as discarded; the live one stays.
    perform from views.view_checkpoint c
    where c.tenant = p_tenant and c.view = p_view and c.revision = p_revision;
    return not found;
end $$;

revoke all on function views.commit_published from public;
grant select, insert, delete on views.published_cell to fokus_app;
grant execute on function views.commit_published to fokus_app;

-- What was released, for programs that read tables with SQL alone: one row for each cell of each table of
-- each release that stands. A release that is withdrawn leaves. Nothing here is about a family. It has a
-- schema of its own, so that whoever may read it may see nothing else.
create schema if not exists released;
create or replace view released.outcome as
select c.tenant, c.programme_id, c.programme, c.quarter, c.quarter_end, c.table_code, c.row_number, c.row_code,
    c.column_number, c.column_code, c.number, c.number is null as hidden, c.threshold, c.release_id,
    c.release_position, c.released_on, c.released_at
from views.published_cell c
join views.view_checkpoint b on b.tenant = c.tenant and b.view = c.view and b.revision = c.revision
where b.live;

comment on column released.outcome.tenant is 'the municipality';
comment on column released.outcome.programme is 'the name of the programme when it was released';
comment on column released.outcome.table_code is 'STANDING, RISK_CHANGE, ACTIVITY';
comment on column released.outcome.row_number is 'from 0, in the order that people read them in';
comment on column released.outcome.row_code is 'FAMILIES, an area, a month; TOTAL';
comment on column released.outcome.column_number is 'from 0, in the order that people read them in';
comment on column released.outcome.column_code is 'a stage, a change, what was done; TOTAL';
comment on column released.outcome.number is 'null = hidden';
comment on column released.outcome.threshold is
    'what is hidden rests on fewer families than this, or would give such a number away';
comment on column released.outcome.release_position is 'of the release in the log';

grant usage on schema released to fokus_reader;
grant select on released.outcome to fokus_reader;
