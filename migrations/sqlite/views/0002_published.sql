-- What other programs may read of rows, in clear. Those of live builds are copied to `released.db`, which is
-- the file that other programs open.
create table published_cell (
    build             integer not null,
    stream_tag        blob    not null check (length(stream_tag) = 16),
    key               text    not null,                          -- of the row in `view_row`
    table_code        text    not null,
    row_number        integer not null,                          -- from 0, in the order that people read them in
    column_number     integer not null,
    row_code          text    not null,
    column_code       text    not null,
    number            integer,                                   -- null = hidden
    threshold         integer not null,                          -- families, below which a number is hidden
    programme_id      text    not null,                          -- UUID
    programme         text    not null,                          -- its name when it was released
    quarter           text    not null,                          -- such as 2019-Q3
    quarter_end       text    not null,                          -- its last day
    release_id        text    not null,                          -- UUID
    release_position  integer not null,                          -- in the log
    released_on       text    not null,                          -- the day
    released_at       text    not null,                          -- when it was recorded, UTC
    primary key (build, stream_tag, key, table_code, row_number, column_number)
) strict, without rowid;
