"""What offers were to be extended by that were over before such intents were ended with them: nobody sends it any more.

Done where the market was seen to have the slots, else dropped, as `end_extensions` has it since.
"""

from django.db import migrations

END = """
UPDATE channels_intent i SET
    state = CASE WHEN found.is_done THEN 'done' ELSE 'dropped' END,
    receipt = CASE WHEN found.is_done THEN 'labelcrowd-' || replace(i.id::text, '-', '') ELSE i.receipt END,
    problem = CASE WHEN found.is_done THEN '' ELSE 'its offer was over, and nobody sends it any more' END
FROM (
    SELECT e.id, e.state = 'sending' AND (e.asked ->> 'to')::int <= p.slots AS is_done
    FROM channels_intent e
    JOIN channels_publication p ON p.channel = e.channel AND p.name = e.asked ->> 'publication'
    WHERE e.verb = 'extend' AND e.state IN ('planned', 'sending') AND p.name <> ''
      AND p.state IN ('collected', 'disposed')
) found
WHERE i.id = found.id
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0015_what_a_market_may_be_told_late")]
    operations = [migrations.RunSQL(END, migrations.RunSQL.noop)]
