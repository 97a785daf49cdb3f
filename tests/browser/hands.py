"""Two ways to work a page that use nothing else: a keyboard without a mouse, and a touch without either."""

from typing import Any, Protocol

from playwright.sync_api import Locator, expect

FURTHEST = 150  # presses of Tab, once around the longest page
HAS_FOCUS = "one => one.matches(':focus')"
IN_GROUP = """one => one.matches(':focus') || (one.type === 'radio'
    && [...one.getRootNode().querySelectorAll('input[type=radio]:focus')].some((other) => other.name === one.name))"""


class Hand(Protocol):
    """What a person does to what they see."""

    device: dict[str, Any]  # what a browser is told of it

    def press(self, one: Locator) -> None: ...
    def choose(self, one: Locator) -> None: ...
    def write(self, one: Locator, text: str) -> None: ...


class Keyboard:
    """Goes by Tab, and by arrows among radio buttons; presses by Enter, and by the space bar what is ticked."""

    device: dict[str, Any] = {}

    def press(self, one: Locator) -> None:
        self.come_to(one)
        one.page.keyboard.press("Enter")

    def choose(self, one: Locator) -> None:
        self.come_to(one, IN_GROUP)
        for _ in range(20):
            if one.evaluate(HAS_FOCUS):
                break
            one.page.keyboard.press("ArrowDown")
        if not one.is_checked():
            one.page.keyboard.press("Space")
        expect(one).to_be_checked()

    def write(self, one: Locator, text: str) -> None:
        self.come_to(one)
        one.page.keyboard.press("Control+A")
        one.page.keyboard.type(text)

    def come_to(self, one: Locator, there: str = HAS_FOCUS) -> None:
        """Press Tab until it has the focus."""
        expect(one).to_be_visible()
        for _ in range(FURTHEST):
            if one.evaluate(there):
                return
            one.page.keyboard.press("Tab")
        raise AssertionError(f"{one} can't be reached by Tab")


class Touch:
    """Taps once on each thing, and drags nothing; writes on the keyboard that the device shows then."""

    device: dict[str, Any] = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}

    def press(self, one: Locator) -> None:
        one.tap()

    def choose(self, one: Locator) -> None:
        one.tap()
        expect(one).to_be_checked()

    def write(self, one: Locator, text: str) -> None:
        one.tap()
        one.fill("")
        one.page.keyboard.type(text)


HANDS: dict[str, Hand] = {"keyboard": Keyboard(), "touch": Touch()}
