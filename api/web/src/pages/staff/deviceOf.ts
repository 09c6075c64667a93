const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iPhone/iPad"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "Mac"],
  [/Linux|X11/, "Linux"],
];
/** Order matters: Edge and Samsung's browser also call themselves Chrome, and Chrome calls itself Safari. */
const BROWSERS: [RegExp, string][] = [
  [/Edg/, "Edge"],
  [/SamsungBrowser/, "Samsung Internet"],
  [/coc_coc/i, "Cốc Cốc"],
  [/Firefox/, "Firefox"],
  [/Chrome|Chromium/, "Chrome"],
  [/Safari/, "Safari"],
];

/** A browser's long self-description as two words a person knows. */
export function deviceOf(userAgent: string, unknown: string): string {
  const name = (known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(userAgent))?.[1];
  return [name(BROWSERS), name(SYSTEMS)].filter(Boolean).join(", ") || unknown;
}
