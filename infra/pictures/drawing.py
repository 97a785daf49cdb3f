"""Pictures and sounds to ask about, drawn and played here, so that nothing of anybody's is shown."""

import io
import math
import struct
import wave

from PIL import Image, ImageDraw

SKY, ROAD = (158, 197, 226), (92, 98, 108)
LIGHTS = {"red": (222, 60, 50), "yellow": (240, 190, 50), "green": (60, 180, 90)}


def crossing(lit: str) -> bytes:
    """Return a picture of a crossing with a traffic light, of which one lamp shines."""
    picture = Image.new("RGB", (960, 640), SKY)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 330, 960, 640), fill=(126, 158, 106))
    for left, top, right, colour in (
        (0, 190, 210, (178, 158, 140)), (230, 120, 400, (150, 136, 150)), (690, 170, 960, (188, 170, 148)),
    ):  # fmt: skip
        pen.rectangle((left, top, right, 330), fill=colour)
        for x in range(left + 20, right - 30, 46):
            for y in range(top + 20, 300, 48):
                pen.rectangle((x, y, x + 24, y + 28), fill=(214, 226, 236))
    pen.polygon(((300, 640), (700, 640), (520, 330), (470, 330)), fill=ROAD)
    for y in range(350, 640, 50):
        wide = (y - 320) / 26
        pen.polygon(((496 - wide, y), (496 + wide, y), (496 + wide * 1.3, y + 26), (496 - wide * 1.3, y + 26)), "white")
    pen.rectangle((604, 250, 620, 560), fill=(60, 64, 70))
    pen.rounded_rectangle((566, 60, 658, 300), 20, fill=(38, 42, 48))
    for n, (name, colour) in enumerate(LIGHTS.items()):
        middle = 108 + n * 72
        pen.ellipse((582, middle - 30, 642, middle + 30), fill=colour if name == lit else (70, 74, 80))
    return _png(picture)


def bowl(colour: tuple[int, int, int]) -> bytes:
    """Return a picture of a bowl on a table."""
    picture = Image.new("RGB", (640, 480), (232, 222, 206))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 300, 640, 480), fill=(176, 132, 92))
    pen.chord((150, 110, 490, 430), 0, 180, fill=colour)
    pen.ellipse((150, 236, 490, 304), fill=tuple(min(255, part + 40) for part in colour))
    return _png(picture)


def melody() -> bytes:
    """Return three seconds of three notes."""
    rate = 8000
    notes = [440.0, 554.37, 659.25]
    frames = [int(9000 * math.sin(2 * math.pi * notes[n // rate] * n / rate)) for n in range(3 * rate)]
    stream = io.BytesIO()
    with wave.open(stream, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(frames)}h", *frames))
    return stream.getvalue()


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
