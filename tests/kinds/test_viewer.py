"""Items are shown the same for every kind."""

from typing import Any

from posted_forms import Form

from apps.kinds import rendering, viewer


def shown(data: dict[str, Any], **more: Any) -> list[viewer.Part]:
    return viewer.parts(data, lambda name: f"/media/{name}", **more)


def test_a_file_is_shown_by_what_it_is() -> None:
    parts = shown(
        {
            "a": {"media": "cat.JPG", "alt": "a cat"},
            "b": {"media": "talk.mp3"},
            "c": {"media": "walk.webm", "captions": "walk.vtt", "lang": "he"},
            "d": "text",
        }
    )

    assert [part.type for part in parts] == ["image", "audio", "video", "text"]
    assert (parts[0].url, parts[0].text) == ("/media/cat.JPG", "a cat")
    assert (parts[2].captions, parts[2].lang, parts[2].dir) == ("/media/walk.vtt", "he", "rtl")


def test_whatever_is_no_file_is_text() -> None:
    parts = shown({"n": 3, "list": ["a", 1], "yes": True, "nothing": None, "text": "<b>x</b>"})

    assert [(part.name, part.text) for part in parts] == [
        ("n", "3"),
        ("list", '[\n  "a",\n  1\n]'),
        ("yes", "true"),
        ("text", "<b>x</b>"),
    ]


def test_a_file_that_no_browser_shows_is_named_and_not_fetched() -> None:
    [part] = shown({"a": {"media": "list.pdf"}})

    assert (part.type, part.url) == ("text", "")
    assert "list.pdf" in part.text


def test_text_says_its_language_and_direction() -> None:
    first, second = shown({"a": "שלום", "b": {"text": "hello", "lang": "en"}}, lang="he")

    assert (first.lang, first.dir) == ("he", "rtl")
    assert (second.lang, second.dir) == ("en", "ltr")


def test_text_of_unknown_language_lets_the_browser_find_its_direction() -> None:
    [part] = shown({"a": "?"})

    assert (part.lang, part.dir) == ("", "auto")


def test_fields_can_be_chosen_and_left_out() -> None:
    data = {"a": "1", "b": "2", "c": "3"}

    assert [part.name for part in shown(data, only=["a", "b"], without=["b"])] == ["a"]


def test_names_of_files_are_found_once_each() -> None:
    data = {"a": {"media": "x.mp4", "captions": "x.vtt"}, "b": {"media": "x.mp4"}, "c": "y.png"}

    assert viewer.media_names(data) == ["x.mp4", "x.vtt"]


def test_the_page_escapes_text_and_gives_media_names_and_controls() -> None:
    html = rendering.item(
        shown(
            {
                "text": "<script>alert(1)</script>",
                "image": {"media": 'a".png', "alt": 'an "a"'},
                "audio": {"media": "a.ogg", "alt": "what is said"},
                "video": {"media": "a.mp4", "captions": "a.vtt"},
            },
            lang="en",
        )
    )

    elements = Form(html).elements
    by_tag = {tag: given for tag, given in elements}
    assert "script" not in by_tag
    assert by_tag["img"]["alt"] == 'an "a"'
    assert by_tag["img"]["src"] == '/media/a".png'
    assert "controls" in by_tag["audio"]
    assert "controls" in by_tag["video"]
    assert by_tag["track"]["src"] == "/media/a.vtt"
    assert "what is said" in html
    assert by_tag["p"]["lang"] == "en"


def test_a_missing_file_is_said_to_be_missing() -> None:
    html = rendering.item(viewer.parts({"photo": {"media": "gone.png"}}, media=lambda name: ""))

    assert "The file of “photo” is missing." in html
    assert "<img" not in html
