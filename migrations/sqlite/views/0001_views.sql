-- Rows of views. Everything here can be rebuilt from the log.

-- How far each build of each view has come.
create table view_build (
    build            integer primary key,                        -- begins every key below
    tenant           text    not null,
    view             text    not null,
    revision         integer not null,                           -- code's revision << 16 | number of the build
    position         integer not null check (position >= 0),     -- last one folded in; 0 = none
    live             integer not null check (live in (0, 1)),    -- 1 = answers are read from it
    halted_position  integer,                                    -- where folding failed, if it did
    halted_code      text,                                       -- and why
    unique (tenant, view, revision)
) strict;

create unique index view_build_live on view_build (tenant, view) where live = 1;

create table view_row (
    row              integer primary key,                        -- in the order of writing
    build            integer not null,
    stream_tag       blob    not null check (length(stream_tag) = 16),
    key              text    not null,                           -- empty = the fold's state
    sort1            integer not null,                           -- order of first appearance
    sort2            integer not null,                           -- order of last change
    state            blob    not null,                           -- sealed; empty in rows with a body
    body             blob    not null,                           -- sealed; empty in rows with a state
    unique (build, stream_tag, key)
) strict;

create index view_row_sort1 on view_row (build, sort1) where body <> x'';
create index view_row_sort2 on view_row (build, sort2) where body <> x'';
