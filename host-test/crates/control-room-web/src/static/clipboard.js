// Steps on the clipboard, as JSON: between places of a bot, between bots, and from and to other programs.

/** The step as text. */
export const asText = (step) => `${JSON.stringify(step, null, 2)}\n`;

/** The steps in a text: a step, a list of them, or a whole bot. Null if there are none. */
export function stepsIn(text) {
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const steps = [json?.steps ?? json].flat();
  return steps.length > 0 && steps.every((step) => typeof step?.action === "string") ? steps : null;
}

/**
 * Whether a clipboard event is for the steps, not for text or a dialog. `hasSteps`: steps are on the clipboard, which a field
 * of one line cannot take.
 */
export const isForSteps = (target, hasSteps = false) =>
  !target.matches?.(hasSteps ? "textarea" : "input, textarea, select") &&
  getSelection().isCollapsed &&
  !document.querySelector("dialog[open]");
