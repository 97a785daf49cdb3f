"""Gold that a worker let go is not asked again, nor is what a linked account was asked: few questions are gold, so those
that come again, or to two accounts of one person, would be it. A training asks known answers alone, and all of them.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("apps.work.migrations.0016_a_question_keeps_its_share")._with_shares()
HAD = """p.worker_id = new.worker_id
                                   AND p.state <> 'released'"""
HAS_SEEN = """p.worker_id = ANY(people)
                                   AND (asked.is_work OR p.state <> 'released')"""
CHANGES = {
    "    opened integer;\n": "    opened integer;\n    people uuid[];\n",
    "        -- Gold in the worker's own": "        people := CASE WHEN asked.is_work THEN person ELSE ARRAY[new.worker_id] END;\n"
    "        -- Gold in the worker's own",
    HAD: HAS_SEEN,
}


def _changed() -> str:
    text: str = BEFORE
    for before, after in CHANGES.items():
        if before not in text:
            raise AssertionError(f"the function as it was says nowhere {before!r}")
        text = text.replace(before, after)
    return text


class Migration(migrations.Migration):
    dependencies = [("work", "0018_notes_of_the_erased")]
    operations = [migrations.RunSQL(_changed(), BEFORE)]
