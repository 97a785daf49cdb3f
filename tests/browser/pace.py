"""Measures in the browser how long a worker waits for the next page, from the key press to the painted question."""

from playwright.sync_api import CDPSession, Page

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


def cost_of_next_page(page: Page, key: str) -> float:
    """Press a key; return the processor seconds that the page's thread took until another page of questions was seen.

    What other processes do meanwhile is not in it, so that it says the same on a busy machine.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _busy(session)
    next_page_after(page, key)
    cost = _busy(session) - before
    session.detach()
    return cost


def _busy(session: CDPSession) -> float:
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])
