"""Whatever a file holds, whatever kind and method are asked for: an answer or a sentence that names a file."""

from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet

from apps.console.judgments.families import FAMILIES

HEAD = "task,worker,label\n"
MASK = '"{{""size"":[{}],""counts"":[{}]}}"'
FILES = {
    "empty.csv": "",
    "heading.csv": HEAD,
    "one_worker.csv": HEAD + "a,w,1\nb,w,2\nc,w,1\n",
    "one_task.csv": HEAD + "a,w,1\na,v,2\na,u,1\n",
    "one_answer.csv": HEAD + "a,w,hello\n",
    "twice.csv": HEAD + "a,w,1\na,w,2\nb,v,1\n",
    "not_finite.csv": HEAD + "a,w,nan\na,v,inf\n",
    "far_apart.csv": HEAD + "a,w,1e150\na,v,-1e150\nb,w,1e200\n",
    "mixed.csv": HEAD + 'a,w,1.5\na,v,cat\nb,w,[1]\nb,v,"[[0,2,""PER""]]"\n',
    "other_columns.csv": "item,user,answer\na,w,1\n",
    "marked.csv": "\ufeff" + HEAD + "a,w,1\na,v,1\n",
    "windows.csv": (HEAD + "a,w,1\na,v,2\n").replace("\n", "\r\n"),
    "line_breaks.csv": HEAD + '"a\nb",w,"x\ny"\n"a\nb",v,"x\ny"\nc,w,z\n',
    "open_quote.csv": HEAD + 'a,w,"x\nb,v,y\n',
    "huge_whole_numbers.csv": HEAD + f"a,w,{10**40}\na,v,{10**40 + 1}\nb,w,{'9' * 5000}\n",
    "other_digits.csv": HEAD + "a,w,٣\na,v,٣\nb,w,٤\nb,v,３\n",
    "one_label.csv": HEAD + "a,w,1\na,v,1\nb,w,1\nb,v,1\n",
    "no_label.csv": HEAD + "a,w,\na,v,[]\n",
    "boxes_inside_out.csv": HEAD + 'a,w,"[[0,0,-5,2]]"\na,v,"[[0,0,1e400,5]]"\n',
    "boxes_beyond_numbers.csv": HEAD + 'a,w,"[[0,0,1e308,1e308]]"\na,v,"[[0,0,1e308,1e308]]"\n',
    "spans_before_the_text.csv": HEAD + 'a,w,"[[-3,2,""X""]]"\na,v,"[[0,2,""X""]]"\n',
    "spans_without_end.csv": HEAD + 'a,w,"[[0,99999999999,""X""]]"\na,v,"[[0,3,""X""],[1,2,""Y""]]"\n',
    "masks_of_two_shapes.csv": HEAD + f"a,w,{MASK.format('2,3', '6')}\na,v,{MASK.format('3,3', '9')}\n",
    "masks_of_nothing.csv": HEAD + f"a,w,{MASK.format('0,0', '')}\na,v,{MASK.format('0,0', '0')}\n",
    "masks_too_large.csv": HEAD + f"a,w,{MASK.format('1000000,1000000', '1000000000000')}\n",
    "intervals_backwards.csv": HEAD + 'a,w,"[[3,2]]"\na,v,"[[0.5,NaN]]"\n',
    "compared_with_itself.csv": "task,worker,left,right,label\n1,w,a,a,a\n2,w,a,b,z\n",
    "labels_twice.csv": HEAD + 'a,w,"[""x"",""x""]"\na,v,"[1]"\n',
    "array.jsonl": '[{"task":"a","worker":"w","label":1}]\n',
    "objects.jsonl": '{"task":{"x":1},"worker":["w"],"label":{"a":[1]}}\n{"task":"b","worker":2,"label":true}\n',
    "deep.jsonl": f'{{"task":"a","worker":"w","label":{"[" * 5000}{"]" * 5000}}}\n',
    "half_a_character.jsonl": '{"task":"a","worker":"w","label":"\\ud800"}\n',
    "broken.parquet": "PAR1 nonsense PAR1",
    "bytes.parquet": pa.table({"task": ["a"], "worker": ["w"], "label": [b"\xff"]}),
    "lists.parquet": pa.table({"task": ["a", "a"], "worker": ["w", "v"], "label": [[["x"]], [["y"]]]}),
    "not_a_number.parquet": pa.table({"task": ["a", "a"], "worker": ["w", "v"], "label": [float("nan"), 1.5]}),
}
GOLD = {
    "elsewhere.csv": "zz,1",
    "never_given.csv": "a,99",
    "contradicts.csv": "a,1\na,2",
    "other_kind.csv": 'a,"[[0,1]]"',
}


def ends_well(*command: object) -> str:
    """Run a command; return its sentence, '' where it answered. Any error but such a sentence rises."""
    try:
        call_command(*map(str, command))
    except CommandError as error:
        return str(error)
    return ""


def judgments(folder: Path, name: str) -> Path:
    content, path = FILES[name], folder / name
    if isinstance(content, str):
        path.write_bytes(content.encode())
    else:
        parquet.write_table(content, path)
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_kind_and_method_of_a_hostile_file_ends_with_an_answer_or_a_sentence(tmp_path, name):
    path = judgments(tmp_path, name)

    said = [ends_well(verb, path) for verb in ("aggregate", "agreement")]
    for kind, family in FAMILIES.items():
        said.append(ends_well("agreement", path, "--kind", kind))
        for method in (None, *family.methods):
            asked = ("--method", method) if method else ()
            said.append(ends_well("aggregate", path, "--kind", kind, *asked))

    for one in filter(None, said):
        assert name in one or one.startswith("method "), one
        assert "Error" not in one


@pytest.mark.parametrize(("name", "gold"), [*product(["one_task.csv", "one_label.csv", "twice.csv"], GOLD)])
def test_gold_that_does_not_belong_to_a_file_ends_with_an_answer_or_a_sentence(tmp_path, name, gold):
    path = judgments(tmp_path, name)
    (tmp_path / gold).write_text(f"task,label\n{GOLD[gold]}\n")

    said = [ends_well("aggregate", path, "--gold", tmp_path / gold)]
    for policy in ("fixed", "adaptive"):
        said.append(ends_well("replay", path, "--gold", tmp_path / gold, "--policy", policy, "--seeds", 1))

    for one in filter(None, said):
        assert name in one or gold in one, one
