"""Measures in the browser how long a worker waits for the next page, from the key press to the painted question."""

from playwright.sync_api import Page

# A message posted in a frame's callback is read after that frame was handed to the screen.
WATCH = """
addEventListener("keydown", (event) => { window.pressedAt = event.timeStamp; }, { capture: true });
new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    if (window.pressedAt === undefined || !added.some((node) => node.localName === "main")) return;
    requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.seenAfter = performance.now() - window.pressedAt; };
        port2.postMessage(null);
    });
}).observe(document, { childList: true, subtree: true });
"""
SEEN = """async () => {
    while (window.seenAfter === undefined) await new Promise((resolve) => { setTimeout(resolve, 5); });
    return window.seenAfter;
}"""


def next_page_after(page: Page, key: str) -> float:
    """Press a key; return the milliseconds until another page of questions was seen. `WATCH` must run in the page."""
    page.evaluate("window.seenAfter = undefined")
    page.keyboard.press(key)
    return float(page.evaluate(SEEN))
