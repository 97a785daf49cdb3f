"""The hot path's writing: handing a page out and taking it in, each one call that is a transaction of its own.

Whoever calls has looked before, without a lock, and decided. So each begins with a lock and asks whether the row is as
it was then; if not it does nothing, and the caller looks again. Locks are taken in everybody's order: page, seat,
tasks, budget. A statement in a function sees what was committed while the one before it waited.
"""

from django.db import migrations

RECOUNT = """
CREATE FUNCTION work_recount(tasks bigint[], broken_after integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM work_task WHERE id = ANY(tasks) ORDER BY id FOR NO KEY UPDATE;
    UPDATE work_task t SET
        taken = CASE WHEN t.gold THEN 0 ELSE found.live END,
        judged = CASE WHEN t.gold THEN 0 ELSE found.answered END,
        state = CASE WHEN found.broken >= broken_after THEN 'broken' ELSE t.state END
    FROM (
        SELECT task_id,
               count(*) FILTER (WHERE state IN ('open', 'answered')) AS live,
               count(*) FILTER (WHERE state = 'answered') AS answered,
               count(*) FILTER (WHERE state = 'broken') AS broken
        FROM work_place WHERE task_id = ANY(tasks) GROUP BY task_id
    ) found
    WHERE t.id = found.task_id;
END $$;
"""

# `page` is a row of work_assignment as it shall be, but for what it holds and how many places it has; `size` and `golds`
# are how many tasks shall be on it and how many of them gold, `seen` how many places the worker had had. Tasks that any
# of `person` has are not chosen: all accounts of the one who works, this one too. `payer` is whose budget pays for it: none, if what the page holds is held already.
#
# Returns the page's questions, outcome 'page'; or one row with why there is none; or nothing: look again.
HAND_OUT = """
CREATE FUNCTION work_hand_out(
    page jsonb, seen integer, size integer, golds integer, by_name boolean, person uuid[], payer text
) RETURNS TABLE (outcome text, token uuid, data jsonb) LANGUAGE plpgsql AS $$
DECLARE
    new work_assignment := jsonb_populate_record(NULL::work_assignment, page);
    seat work_seat;
    asked record;
    gold bigint[] := '{}';
    real bigint[] := '{}';
    more bigint[];
    low integer;
    high integer := 2147483647;
    at timestamptz := clock_timestamp();
    reached integer;
    opened integer;
BEGIN
    -- Parallel fetches of one worker wait here for each other.
    SELECT * INTO seat FROM work_seat s
    WHERE s.campaign_id = new.campaign_id AND s.worker_id = new.worker_id AND s.places = seen FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    IF size > 0 THEN
        SELECT c.state, c.purpose = 'work' AS is_work, c.when_gold_is_used_up = 'stop' AS stops INTO asked
        FROM campaigns_campaign c WHERE c.id = new.campaign_id;
        IF asked.state <> 'running' THEN
            RETURN;
        END IF;

        -- Gold in the worker's own rotation of its shuffled order.
        IF golds > 0 THEN
            SELECT array_agg(f.id), (array_agg(f.shuffle ORDER BY f.lap DESC, f.shuffle DESC))[1] INTO more, reached
            FROM (
                (SELECT t.id, t.shuffle, 0 AS lap FROM work_task t
                 WHERE t.campaign_id = new.campaign_id AND t.state = 'open' AND t.gold AND t.shuffle > seat.gold_cursor
                   AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = new.worker_id
                                   AND p.state <> 'released')
                 ORDER BY t.shuffle LIMIT golds)
                UNION ALL
                (SELECT t.id, t.shuffle, 1 AS lap FROM work_task t
                 WHERE t.campaign_id = new.campaign_id AND t.state = 'open' AND t.gold AND t.shuffle <= seat.gold_cursor
                   AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = new.worker_id
                                   AND p.state <> 'released')
                 ORDER BY t.shuffle LIMIT golds)
                ORDER BY lap, shuffle LIMIT golds
            ) f;
            IF more IS NOT NULL THEN
                gold := more;
                seat.gold_cursor := reached;
            END IF;
        END IF;
        IF NOT asked.is_work AND cardinality(gold) = 0 THEN
            RETURN QUERY SELECT 'known', NULL::uuid, NULL::jsonb;
            RETURN;
        END IF;
        IF asked.is_work AND asked.stops AND cardinality(gold) < golds THEN
            RETURN QUERY SELECT 'gold', NULL::uuid, NULL::jsonb;
            RETURN;
        END IF;
        size := CASE WHEN asked.is_work THEN size - cardinality(gold) ELSE 0 END;

        -- Each choice asks for `taken < wanted`, and PostgreSQL asks it again of the row as it is once it is locked.
        -- Whoever changes `taken` holds that lock: so it is exact, and the table's check would refuse one too many.
        IF by_name THEN
            WITH chosen AS MATERIALIZED (
                SELECT t.id FROM campaigns_reservation r
                JOIN work_task t ON t.campaign_id = r.campaign_id AND t.item_id = r.item_id
                WHERE r.campaign_id = new.campaign_id AND r.worker_id = new.worker_id
                  AND t.state = 'open' AND t.reserved AND NOT t.gold AND t.taken < t.wanted
                  AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = ANY(person)
                                  AND p.state <> 'released')
                ORDER BY t.id LIMIT size FOR NO KEY UPDATE OF t SKIP LOCKED
            ), kept AS (
                UPDATE work_task t SET taken = t.taken + 1 FROM chosen WHERE t.id = chosen.id RETURNING t.id
            )
            SELECT coalesce(array_agg(id), '{}') INTO real FROM kept;
        END IF;

        -- From where the seat stands on, once around.
        low := seat.task_cursor;
        FOR lap IN 1..2 LOOP
            EXIT WHEN cardinality(real) >= size;
            WITH chosen AS MATERIALIZED (
                SELECT t.id, t.shuffle FROM work_task t
                WHERE t.campaign_id = new.campaign_id AND t.state = 'open' AND NOT t.gold AND NOT t.reserved
                  AND t.taken < t.wanted AND (t.closes_at IS NULL OR t.closes_at > at)
                  AND t.shuffle > low AND t.shuffle <= high
                  AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = ANY(person)
                                  AND p.state <> 'released')
                ORDER BY t.shuffle LIMIT size - cardinality(real) FOR NO KEY UPDATE OF t SKIP LOCKED
            ), walked AS (
                UPDATE work_task t SET taken = t.taken + 1 FROM chosen WHERE t.id = chosen.id RETURNING t.id, t.shuffle
            )
            SELECT array_agg(id), max(shuffle) INTO more, reached FROM walked;
            high := low;
            low := -1;
            IF more IS NOT NULL THEN
                real := real || more;
                seat.task_cursor := reached;
            END IF;
        END LOOP;

        -- Gold alone is no page, where there is ordinary work.
        IF asked.is_work AND cardinality(real) = 0 AND (cardinality(gold) = 0 OR NOT EXISTS (
            SELECT 1 FROM work_task t
            WHERE t.campaign_id = new.campaign_id AND t.state = 'open' AND NOT t.gold AND NOT t.reserved
              AND t.taken < t.wanted AND (t.closes_at IS NULL OR t.closes_at > at)
              AND NOT EXISTS (SELECT 1 FROM work_place p WHERE p.task_id = t.id AND p.worker_id = ANY(person)
                              AND p.state <> 'released')
        )) THEN
            RETURN QUERY SELECT 'done', NULL::uuid, NULL::jsonb;
            RETURN;
        END IF;
    END IF;

    new.places_count := cardinality(real) + cardinality(gold);
    IF payer IS NOT NULL THEN
        -- Rounded once, half up.
        new.held := (2 * new.price * new.places_count + new.page_size) / (2 * new.page_size);
    END IF;
    INSERT INTO work_assignment SELECT (new).*;
    INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note)
    SELECT new.id, mixed.task, new.worker_id, row_number() OVER () - 1, gen_random_uuid(), 'open', ''
    FROM (SELECT u.task FROM unnest(real || gold) AS u (task) ORDER BY gen_random_uuid()) mixed
    ON CONFLICT (task_id, worker_id) DO UPDATE SET
        assignment_id = excluded.assignment_id, position = excluded.position, token = excluded.token,
        state = 'open', note = ''
        WHERE work_place.state = 'released';
    GET DIAGNOSTICS opened = ROW_COUNT;
    IF opened <> new.places_count THEN
        RAISE EXCEPTION '% places were chosen for page %, % could be opened', new.places_count, new.id, opened;
    END IF;
    UPDATE work_seat SET
        task_cursor = seat.task_cursor, gold_cursor = seat.gold_cursor,
        places = places + new.places_count, golds = work_seat.golds + cardinality(gold)
    WHERE id = seat.id;
    -- The budget's row is everybody's: locked last, others wait for it least.
    IF payer IS NOT NULL AND new.held > 0 AND NOT ledger_hold(payer, new.held) THEN
        RAISE EXCEPTION 'the budget of % can''t hold % minor units more', payer, new.held USING ERRCODE = 'LC001';
    END IF;
    RETURN QUERY
        SELECT 'page', p.token, i.data FROM work_place p
        JOIN work_task t ON t.id = p.task_id JOIN datasets_item i ON i.id = t.item_id
        WHERE p.assignment_id = new.id ORDER BY p.position;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'page', NULL::uuid, NULL::jsonb;
    END IF;
END $$;
"""

# `page` is the row with what handing in changes, `seen` the state it was read in; the arrays have an entry for each
# place, `counted` the tasks whose counters change. Returns whether this call did it.
TAKE_IN = """
CREATE FUNCTION work_take_in(
    page jsonb, seen text, places bigint[], states text[], notes text[], answers jsonb[], seconds double precision,
    counted bigint[], broken_after integer, payer text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    new work_assignment := jsonb_populate_record(NULL::work_assignment, page);
    had bigint;
    written integer;
BEGIN
    SELECT a.held INTO had FROM work_assignment a WHERE a.id = new.id AND a.state = seen FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- The seat before the tasks, as a lease takes them: two that wait for each other would both be lost.
    WITH placed AS (
        UPDATE work_place p SET state = given.state, note = given.note
        FROM unnest(places, states, notes, answers) AS given (id, state, note, answer)
        WHERE p.id = given.id AND p.state = 'open'
        RETURNING p.id, p.task_id, p.state, given.answer
    ), seated AS (
        UPDATE work_seat s SET pages = s.pages + 1
        WHERE s.campaign_id = new.campaign_id AND s.worker_id = new.worker_id
    ), judged AS (
        INSERT INTO work_judgment
            (place_id, campaign_id, task_id, worker_id, answer, counted, guidelines, seconds, created_at)
        SELECT placed.id, new.campaign_id, placed.task_id, new.worker_id, placed.answer, true, new.guidelines, seconds,
               new.submitted_at
        FROM placed WHERE placed.state = 'answered' ORDER BY placed.id
    )
    SELECT count(*) INTO written FROM placed;
    IF written <> cardinality(places) THEN
        RAISE EXCEPTION 'page % has % of % questions left', new.id, written, cardinality(places)
            USING ERRCODE = 'LC002';
    END IF;
    IF cardinality(counted) > 0 THEN
        PERFORM work_recount(counted, broken_after);
    END IF;
    UPDATE work_assignment a SET
        state = 'submitted', submitted_at = new.submitted_at, review_after = new.review_after,
        submit_digest = new.submit_digest, pay = new.pay, held = new.pay, active_seconds = new.active_seconds
    WHERE a.id = new.id;
    IF new.pay < had THEN
        PERFORM ledger_release(payer, had - new.pay);
    ELSIF new.pay > had AND NOT ledger_hold(payer, new.pay - had) THEN
        RAISE EXCEPTION 'the budget of % can''t hold % minor units more', payer, new.pay - had USING ERRCODE = 'LC001';
    END IF;
    RETURN true;
END $$;
"""

BACKWARD = """
DROP FUNCTION work_take_in;
DROP FUNCTION work_hand_out;
DROP FUNCTION work_recount;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0005_reports_looked_into"),
        ("ledger", "0006_a_budget_is_held_by_a_function"),
        ("campaigns", "0001_nouns"),
    ]
    operations = [migrations.RunSQL(RECOUNT + HAND_OUT + TAKE_IN, BACKWARD)]
