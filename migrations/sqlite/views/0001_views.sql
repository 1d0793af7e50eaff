-- Rows of views. Everything here can be rebuilt from the log.

-- How far each build of each view has come.
create table view_checkpoint (
    tenant           text    not null,
    view             text    not null,
    revision         integer not null,                           -- code's revision << 16 | number of the build
    position         integer not null check (position >= 0),     -- last one folded in; 0 = none
    live             integer not null check (live in (0, 1)),    -- 1 = answers are read from it
    halted_position  integer,                                    -- where folding failed, if it did
    halted_code      text,                                       -- and why
    primary key (tenant, view, revision)
) strict, without rowid;

create unique index view_checkpoint_live on view_checkpoint (tenant, view) where live = 1;

create table view_row (
    tenant           text    not null,
    view             text    not null,
    revision         integer not null,                           -- of the build
    stream_tag       blob    not null check (length(stream_tag) = 16),
    key              text    not null,                           -- empty = the fold's state
    sort1            integer not null,                           -- order of first appearance
    sort2            integer not null,                           -- order of last change
    state            blob    not null,                           -- sealed; empty in rows with a body
    body             blob    not null,                           -- sealed; empty in rows with a state
    primary key (tenant, view, revision, stream_tag, key)
) strict, without rowid;

create index view_row_sort1 on view_row (tenant, view, revision, sort1) where body <> x'';
create index view_row_sort2 on view_row (tenant, view, revision, sort2) where body <> x'';
