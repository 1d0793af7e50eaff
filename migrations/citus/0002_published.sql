-- Spreads what `migrations/postgres/views/0002_published.sql` makes. Run once, after that, by the tables'
-- owner, on the coordinator, while no server runs: see README.md.

set local citus.multi_shard_modify_mode = 'sequential';

select create_distributed_table('views.published_cell', 'tenant', colocate_with => 'journal.log');

-- Functions that are new, or were replaced and so lost their settings.
do $$
declare
    it regprocedure;
begin
    for it in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'views' and p.proname in ('commit_published', 'switch', 'discard')
    loop
        execute format('alter function %s set plan_cache_mode = force_custom_plan', it);
        perform create_distributed_function(it, 'p_tenant', colocate_with => 'journal.log');
    end loop;
end $$;
