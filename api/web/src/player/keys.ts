/** What the keys do while a replay is open. Letters and signs can be switched off (WCAG 2.1.4); space and arrows stay. */

export type Act =
  | "toggle"
  | "back"
  | "on"
  | "slower"
  | "faster"
  | "slideBefore"
  | "slideAfter"
  | "nextMissing"
  | "zoom";

const NAMED: Record<string, Act> = { " ": "toggle", ArrowLeft: "back", ArrowRight: "on" };
const LETTERS: Record<string, Act> = {
  k: "toggle",
  j: "back",
  l: "on",
  ",": "slower",
  ".": "faster",
  b: "slideBefore",
  n: "slideAfter",
  m: "nextMissing",
  z: "zoom",
};

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a key asks for, or null where it means something else. `letters` says whether the person uses those. */
export function actOf(press: Press, letters: boolean): Act | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  return NAMED[press.key] ?? (letters ? LETTERS[press.key.toLowerCase()] : undefined) ?? null;
}

/** Where a key belongs to the thing that has the focus: text is typed, lists and sliders move, buttons are pressed. */
export function isTaken(target: Element, key: string): boolean {
  if (target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [role=slider], [data-own-keys]"))
    return true;
  const pressed = key === " " && target.closest("button, a, summary, input");
  const chosen = key.startsWith("Arrow") && target.closest("input[type=radio]");
  return Boolean(pressed || chosen);
}
