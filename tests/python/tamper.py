"""Changes every column of every row of a store's tables, one at a time, and says which changes nobody finds.

Tables and columns are read from the databases themselves, so a new column is covered by itself. Left out are the
views, which are derived and may be deleted at any time, and columns that are computed from others.

Arguments: the program, the store's folder, a folder to work in, and, if not all, the tables to change. Prints one line for each kind of change that was not
found, and how many were tried. For each change the program is run as `fokus check --store sqlite:FOLDER`.
"""

import concurrent.futures
import os
import shutil
import sqlite3
import subprocess
import sys
import threading

DATABASES = ["journal.db", "keys.db"]
FILES = DATABASES + ["journal.db-wal", "keys.db-wal", "views.db", "root.key", "signing.key"]


def connect(path):
    connection = sqlite3.connect(path)
    # Somebody who has the file is bound by nothing that is in it.
    connection.execute("pragma ignore_check_constraints = on")
    connection.execute("pragma foreign_keys = off")
    return connection


def triggers(connection):
    query = "select name from sqlite_master where type = 'trigger'"
    return [name for (name,) in connection.execute(query)]


def columns(connection):
    """Table, column, declared type, and the columns of the primary key, of everything that is stored."""
    query = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
    for (table,) in connection.execute(query).fetchall():
        rows = connection.execute(f"pragma table_xinfo({table})").fetchall()
        stored = [row for row in rows if row[6] == 0]
        key = [row[1] for row in stored if row[5] > 0]
        for row in stored:
            yield table, row[1], key


def others(value, of_others):
    """What a value is changed to: a little, and to what stands in another row."""
    if value is None:
        yield b"\x01" * 16
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, str):
        yield value + "x"
        yield value[:-1]
    else:
        yield bytes([value[0] ^ 1]) + value[1:] if value else b"\x00"
        yield value[:-1] + bytes([value[-1] ^ 128]) if value else b"\x00\x00"
        if len(value) > 2:
            middle = len(value) // 2
            yield value[:middle] + bytes([value[middle] ^ 16]) + value[middle + 1 :]
    different = [it for it in of_others if it != value and type(it) is type(value)]
    if different:
        yield different[0]


def changes(folder, tables):
    for database in DATABASES:
        connection = connect(os.path.join(folder, database))
        for table, column, key in columns(connection):
            if tables and table not in tables:
                continue
            names = ", ".join(key)
            rows = connection.execute(f"select {names}, {column} from {table} order by {names}").fetchall()
            values = [row[-1] for row in rows]
            for number, row in enumerate(rows):
                of_others = values[number + 1 :] + values[:number]
                for value in others(row[-1], of_others):
                    yield database, table, column, key, row[:-1], value
        connection.close()


local = threading.local()


def is_found(program, source, work, change):
    """Whether the change is found; None where the database itself does not take it."""
    database, table, column, key, row, value = change
    if not hasattr(local, "folder"):
        local.folder = os.path.join(work, f"store-{threading.get_ident()}")
    shutil.rmtree(local.folder, ignore_errors=True)
    os.mkdir(local.folder, 0o700)
    for name in FILES:
        path = os.path.join(source, name)
        if os.path.exists(path):
            shutil.copy2(path, os.path.join(local.folder, name))
    connection = connect(os.path.join(local.folder, database))
    for name in triggers(connection):
        connection.execute(f"drop trigger {name}")
    where = " and ".join(f"{it} is ?" for it in key)
    try:
        connection.execute(f"update {table} set {column} = ? where {where}", (value, *row))
        connection.commit()
    except sqlite3.IntegrityError:
        return None
    finally:
        connection.close()
    checked = subprocess.run(
        [program, "check", "--store", f"sqlite:{local.folder}"], env={}, capture_output=True, check=False
    )
    return checked.returncode in (1, 2) and bool(checked.stderr)


def main():
    program, source, work, *tables = sys.argv[1:]
    tried, missed = {}, {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        todo = list(changes(source, tables))
        outcomes = pool.map(lambda it: is_found(program, source, work, it), todo)
        for change, found in zip(todo, outcomes, strict=True):
            place = f"{change[0]} {change[1]}.{change[2]}"
            if found is not None:
                tried[place] = tried.get(place, 0) + 1
            if found is False:
                missed.setdefault(place, []).append(f"{change[4]!r} -> {change[5]!r}")
    for place, what in missed.items():
        print(f"MISSED {place}: {len(what)} of {tried[place]}, such as {what[0][:200]}")
    for place, count in tried.items():
        print(f"{place}: {count}")


if __name__ == "__main__":
    main()
