"""What the demo labels: pictures and ratings that packages ship, and short text of our own."""

import ast
import importlib.resources
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

MESSAGES = Path(__file__).parent / "messages.jsonl"


@dataclass(frozen=True)
class Row:
    """An item with what is true of it; `ratings` are answers that real people gave."""

    external_id: str
    data: dict[str, Any]
    truth: Any
    ratings: tuple[int, ...] = ()
    picture: bytes = b""


def digits() -> Iterator[Row]:
    """Yield the 1,797 handwritten digits of UCI's optical recognition test set, as scikit-learn ships them (BSD-3)."""
    import numpy as np  # noqa: PLC0415  # the demo's own needs, which nothing else here has
    from PIL import Image  # noqa: PLC0415
    from sklearn.datasets import load_digits  # noqa: PLC0415

    digits = load_digits()
    for number, (pixels, truth) in enumerate(zip(digits.images, digits.target, strict=True), start=1):
        grey = Image.fromarray((255 - pixels * 255 / 16).astype(np.uint8))
        file = BytesIO()
        grey.resize((160, 160), Image.Resampling.BICUBIC).save(file, "PNG")
        name = f"digit-{number:04}.png"
        yield Row(f"digit-{number:04}", {"image": {"media": name}}, str(truth), picture=file.getvalue())


def words() -> Iterator[Row]:
    """Yield the words of VADER's lexicon with the ten people's ratings it rests on, -4 to 4 (Hutto 2014, MIT).

    The truth is the mean that the lexicon publishes, rounded to the scale.
    """
    lexicon = importlib.resources.files("vaderSentiment").joinpath("vader_lexicon.txt")
    seen = set()
    for line in lexicon.read_text(encoding="utf-8").splitlines():
        word, mean, _, ratings = line.strip("\n").split("\t")
        votes = tuple(max(-4, min(4, vote)) for vote in ast.literal_eval(ratings))
        if word not in seen and len(votes) == 10:
            seen.add(word)
            yield Row(f"word-{len(seen):04}", {"word": word}, round(float(mean)), ratings=votes)


def messages() -> Iterator[Row]:
    """Yield short messages to a bicycle shop, written for this demo, with the one topic each is about."""
    for number, line in enumerate(MESSAGES.read_text(encoding="utf-8").splitlines(), start=1):
        row = json.loads(line)
        yield Row(f"message-{number:02}", {"message": row["message"]}, row["topic"])
