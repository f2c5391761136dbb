-- Each object of the current schema, as the catalogue has it, one a line; without those of extensions. `psql -At` on a new
-- Control Room makes `objects.txt` with it.
SELECT line FROM (
    SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relrowsecurity, relforcerowsecurity) AS line
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind <> 'i'
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
  UNION ALL
    SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), collname, attnotnull, NULLIF(attidentity, ''),
        NULLIF(attgenerated, ''), pg_get_expr(adbin, adrelid))
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
  UNION ALL
    SELECT replace(pg_get_indexdef(indexrelid), ' ON ' || quote_ident(current_schema()) || '.', ' ON ') || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
  UNION ALL
    SELECT concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(pg_constraint.oid), convalidated)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = current_schema()::regnamespace AND contype <> 'n'
  UNION ALL
    SELECT concat_ws(' ', 'trigger', relname, tgname, tgenabled)
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND (NOT tgisinternal OR tgenabled <> 'O')
  UNION ALL
    SELECT concat_ws(' ', 'rule', relname, rulename)
    FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class WHERE relnamespace = current_schema()::regnamespace
  UNION ALL
    SELECT concat_ws(' ', 'policy', relname, polname)
    FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid WHERE relnamespace = current_schema()::regnamespace
  UNION ALL
    SELECT concat_ws(' ', 'function', proname)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
  UNION ALL
    SELECT concat_ws(' ', 'operator', oprname)
    FROM pg_operator WHERE oprnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_operator'::regclass AND objid = pg_operator.oid AND deptype = 'e')
) AS objects ORDER BY line COLLATE "C"
