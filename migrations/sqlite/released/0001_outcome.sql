-- What was released, for programs that read tables with SQL alone: one row for each cell of each table of
-- each release that stands. A release that is withdrawn leaves. Nothing here is about a family.
create table outcome (
    tenant            text    not null,                          -- the municipality
    programme_id      text    not null,                          -- UUID
    programme         text    not null,                          -- its name when it was released
    quarter           text    not null,                          -- such as 2019-Q3
    quarter_end       text    not null,                          -- its last day, such as 2019-09-30
    table_code        text    not null,                          -- STANDING, RISK_CHANGE, ACTIVITY
    row_number        integer not null,                          -- from 0, in the order that people read them in
    row_code          text    not null,                          -- FAMILIES, an area, a month; TOTAL
    column_number     integer not null,                          -- from 0, in the order that people read them in
    column_code       text    not null,                          -- a stage, a change, what was done; TOTAL
    number            integer,                                   -- null = hidden
    hidden            integer not null check (hidden = (number is null)),  -- 1 = hidden
    threshold         integer not null,                          -- what is hidden rests on fewer families, or would give such a number away
    release_id        text    not null,                          -- UUID
    release_position  integer not null,                          -- in the log
    released_on       text    not null,                          -- the day, such as 2019-10-27
    released_at       text    not null,                          -- when it was recorded, such as 2019-10-27T11:05:00Z
    primary key (tenant, programme_id, quarter, release_id, table_code, row_number, column_number)
) strict, without rowid;
