-- Spreads the tables that `migrations/postgres` makes over a cluster of Citus, by tenant. Run once, by
-- their owner, on the coordinator, while no server runs: see README.md.

-- What Citus does with several shards at a time it then does one after another, on one connection: else
-- functions and tables cannot be distributed in one transaction.
set local citus.multi_shard_modify_mode = 'sequential';

-- Citus refuses triggers on distributed tables. Here roles alone keep history as it was written.
drop trigger if exists leaf_stays on journal.leaf;
drop trigger if exists leaf_stays_whole on journal.leaf;
drop trigger if exists envelope_stays on journal.envelope;
drop trigger if exists tile_stays on journal.tile;
drop trigger if exists tile_stays_whole on journal.tile;

-- What all logs have in common: one row, a copy of it on every node.
select create_reference_table('journal.store');

-- Everything of one tenant lies in one shard of each table, and all of these on one node: so each
-- transaction and each query touches one node.
select create_distributed_table('journal.log', 'tenant', colocate_with => 'none');
select create_distributed_table('journal.leaf', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('journal.envelope', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('journal.tile', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('journal.stream', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('journal.command', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('journal.claimed_key', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('views.lease', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('views.view_checkpoint', 'tenant', colocate_with => 'journal.log');
select create_distributed_table('views.view_row', 'tenant', colocate_with => 'journal.log');

-- Unless keys have a database of their own.
do $$ begin
    if to_regclass('keys.kek') is not null then
        perform create_distributed_table('keys.kek', 'tenant', colocate_with => 'journal.log');
        perform create_distributed_table('keys.key', 'tenant', colocate_with => 'journal.log');
    end if;
end $$;

-- Functions that take a tenant run on its node: an append is one message from the coordinator, not ten.
-- Statements in them are planned with the tenant's name, not for any tenant: Citus must know the shard.
do $$
declare
    it regprocedure;
begin
    for it in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('journal', 'keys', 'views') and p.proargnames[1] = 'p_tenant'
    loop
        execute format('alter function %s set plan_cache_mode = force_custom_plan', it);
        perform create_distributed_function(it, 'p_tenant', colocate_with => 'journal.log');
    end loop;
end $$;

-- Local to the coordinator, and so left as they are: journal.migration, views.migration, keys.migration,
-- which are read and written by migrations alone. Migrations run on the coordinator; Citus carries them to
-- the shards.
