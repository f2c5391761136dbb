//! What a person does on the page, as scripts that run in it: one message to the page each, where WebDriver has up to fifty
//! for the same. The mouse and the keyboard remain those of the browser.

use std::time::{Duration, Instant};

use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::browser::{DevTools, TIMEOUT};

/// How long a script waits in the page before it is sent again: a following page, or one that has replaced a part of itself,
/// gets it then.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where to click on the element `it`: the centre of what is in the window, as in WebDriver. An element that nobody can see
/// or that another one covers is a problem.
const POINT: &str = "
    if (!it.checkVisibility({ visibilityProperty: true })) {
        return { problem: 'it is not displayed' };
    }
    it.scrollIntoViewIfNeeded();
    const [first] = it.getClientRects();
    if (!first) {
        return { problem: 'it has no size' };
    }
    const centre = (from, to, end) => Math.floor((Math.max(from, 0) + Math.min(to, end)) / 2);
    const [x, y] = [centre(first.left, first.right, innerWidth), centre(first.top, first.bottom, innerHeight)];
    const top = document.elementFromPoint(x, y);
    if (top !== it && !it.contains(top)) {
        return { problem: `${top?.outerHTML} would get the click` };
    }
    // A click must not hit what is there while the page arranges itself: the element stays where it is for a while.
    const place = `${x} ${y}`;
    const stays = it.lastPlace === place;
    it.lastPlace = stays ? null : place;
    if (!stays) {
        return null;
    }
    // Nothing gets a click on what is disabled.
    globalThis.lastClick = { has_arrived: it.matches(':disabled') };
    it.addEventListener('click', () => { globalThis.lastClick.has_arrived = true; }, { once: true, capture: true });
    return { x, y };";

/// Selects the content of the field `it`. Returns whether it had the focus.
const SELECT: &str = "
    const had = document.activeElement === it;
    it.focus();
    if (document.activeElement !== it || it.readOnly) {
        return { problem: 'it cannot be filled in' };
    }
    it.select();
    return { had };";

/// Chooses the first option of the element `it` for which `is_chosen(option, index)` is true, as a person does.
const CHOOSE: &str = "
    const option = [...it.options].find(is_chosen);
    if (!option) {
        return null;
    }
    if (it.disabled || option.disabled || !it.checkVisibility({ visibilityProperty: true })) {
        return { problem: 'it cannot be chosen from' };
    }
    it.focus();
    if (!option.selected) {
        option.selected = true;
        for (const type of ['input', 'change']) {
            it.dispatchEvent(new Event(type, { bubbles: true }));
        }
    }
    return {};";

/// Whether the last click has missed its element, which moved just then. A page sends a form only once it knows that the user
/// is still signed in, so this waits for it.
const HAS_MISSED: &str = "new Promise((done) => {
    const look = () => document.querySelector('form[aria-busy]')
        ? setTimeout(look, 5)
        : done(globalThis.lastClick?.has_arrived === false);
    look();
})";

/// The value of a JavaScript expression on the current page. Waits for a promise. An error is what it threw, or that the page
/// was left.
pub(crate) async fn evaluate(client: &Client, expression: &str) -> Result<Value, String> {
    let parameters = json!({
        "expression": format!("({expression})"),
        "awaitPromise": true,
        "returnByValue": true,
    });
    let command = DevTools::new("Runtime.evaluate", parameters);
    let answer = client.issue_cmd(command).await;
    let mut answer = answer.map_err(|error| error.to_string())?;
    match answer.get("exceptionDetails") {
        Some(details) => Err(details.to_string()),
        None => Ok(answer["result"]["value"].take()),
    }
}

/// Waits until a JavaScript expression has a value, on this page or a following one, and returns it. One that throws has none
/// yet, nor one that is false or null.
pub(crate) async fn wait_for(client: &Client, expression: &str) -> Value {
    let script = format!(
        "new Promise((done) => {{
            const end = performance.now() + {};
            const look = async () => {{
                let value = null;
                try {{
                    value = await ({expression});
                }} catch {{ }}
                value || performance.now() > end ? done(value) : setTimeout(look, 10);
            }};
            look();
        }})",
        PATIENCE.as_millis()
    );
    let end = Instant::now() + TIMEOUT;
    loop {
        let found = evaluate(client, &script).await;
        match found {
            Ok(Value::Null | Value::Bool(false)) | Err(_) if Instant::now() < end => {}
            Ok(value) if value != Value::Null && value != false => return value,
            found => {
                let page = client.source().await.unwrap_or_default();
                panic!("never true: {expression}: {found:?}\n{page}");
            }
        }
    }
}

/// Clicks, and waits until a form is sent. Clicks again if the element has moved away, as a person does.
pub(crate) async fn click(client: &Client, locator: Locator<'_>) {
    for _ in 0..5 {
        let point = on_element(client, locator, POINT).await;
        for (kind, button, clicks) in [
            ("mouseMoved", "none", 0),
            ("mousePressed", "left", 1),
            ("mouseReleased", "left", 1),
        ] {
            let event = json!({
                "type": kind, "x": point["x"], "y": point["y"], "button": button, "clickCount": clicks,
            });
            let command = DevTools::new("Input.dispatchMouseEvent", event);
            client.issue_cmd(command).await.unwrap();
        }
        // An error means that the page is being replaced.
        let has_missed = evaluate(client, HAS_MISSED).await;
        if has_missed != Ok(Value::Bool(true)) {
            return;
        }
    }
    panic!("{locator:?}: no click reaches it");
}

/// Replaces the content at once, as a paste does: a key for each character would take longer than all else in these tests.
/// Returns whether the field had the focus.
pub(crate) async fn fill(client: &Client, locator: Locator<'_>, text: &str) -> bool {
    let before = on_element(client, locator, SELECT).await;
    if text.is_empty() {
        let element = client.find(locator).await.unwrap();
        element.clear().await.unwrap();
    } else {
        let insert = DevTools::new("Input.insertText", json!({ "text": text }));
        client.issue_cmd(insert).await.unwrap();
    }
    before["had"] == true
}

/// Waits for an option with this value, and chooses it.
pub(crate) async fn choose(client: &Client, locator: Locator<'_>, value: &str) {
    let value = Value::from(value);
    let script = format!("const is_chosen = (option) => option.value === {value}; {CHOOSE}");
    on_element(client, locator, &script).await;
}

/// Waits for an option at this place, and chooses it.
pub(crate) async fn choose_at(client: &Client, locator: Locator<'_>, place: usize) {
    let script = format!("const is_chosen = (option, index) => index === {place}; {CHOOSE}");
    on_element(client, locator, &script).await;
}

/// Waits for the element, and runs the body of a function on it, `it`, until that returns something.
async fn on_element(client: &Client, locator: Locator<'_>, body: &str) -> Value {
    let element = match locator {
        Locator::Id(id) => format!("document.getElementById({})", Value::from(id)),
        Locator::Css(selector) => format!("document.querySelector({})", Value::from(selector)),
        Locator::LinkText(_) | Locator::XPath(_) => panic!("{locator:?}: an id or a selector"),
    };
    // A page gives a field the focus just before it is drawn.
    let script = format!(
        "new Promise((done) => {{
            const drawn = Promise.race([new Promise(requestAnimationFrame), new Promise((done) => setTimeout(done, 50))]);
            drawn.then(() => ((it) => {{ if (!it) return null; {body} }})({element})).then(done, () => done(null));
        }})"
    );
    let value = wait_for(client, &script).await;
    if let Some(problem) = value.get("problem") {
        panic!("{locator:?}: {problem}");
    }
    value
}
