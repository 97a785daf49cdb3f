"""A question keeps the share of those asked without a suggestion by which chance decided about it, so that the campaign's
may change: of a question that was given back it is the first one's, as the end of its token is (0014).
"""

from django.db import migrations

# As in 0014, where each mark stands for nothing.
HAND_OUT = """
CREATE OR REPLACE FUNCTION work_hand_out(
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
    /*share*/
BEGIN
    -- Parallel fetches of one worker wait here for each other.
    SELECT * INTO seat FROM work_seat s
    WHERE s.campaign_id = new.campaign_id AND s.worker_id = new.worker_id AND s.places = seen FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    IF size > 0 THEN
        SELECT c.state, c.purpose = 'work' AS is_work, c.when_gold_is_used_up = 'stop' AS stops/*read*/ INTO asked
        FROM campaigns_campaign c WHERE c.id = new.campaign_id;
        IF asked.state <> 'running' THEN
            RETURN;
        END IF;
        /*kept*/

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
    INSERT INTO work_place (assignment_id, task_id, worker_id, position, token, state, note/*column*/)
    SELECT new.id, mixed.task, new.worker_id, row_number() OVER () - 1, gen_random_uuid(), 'open', ''/*value*/
    FROM (SELECT u.task FROM unnest(real || gold) AS u (task) ORDER BY gen_random_uuid()) mixed
    ON CONFLICT (task_id, worker_id) DO UPDATE SET
        assignment_id = excluded.assignment_id, position = excluded.position, token = (left(excluded.token::text, 28) || right(work_place.token::text, 8))::uuid,
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
MARKS = {
    "/*share*/": "share double precision;",
    "/*read*/": ",\n            CASE WHEN c.suggested_to = 'workers' THEN c.suggestion_withheld END AS withheld",
    "/*kept*/": "share := asked.withheld;",
    "/*column*/": ", withheld",
    "/*value*/": ", share",
}


def _with_shares() -> str:
    text = HAND_OUT
    for mark, said in MARKS.items():
        text = text.replace(mark, said)
    return text


class Migration(migrations.Migration):
    dependencies = [("work", "0015_share_at_a_place")]
    operations = [migrations.RunSQL(_with_shares(), HAND_OUT)]
