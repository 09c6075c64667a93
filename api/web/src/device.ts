/** Small things remembered on this device. Private windows may refuse storage; then nothing is remembered and nothing breaks. */

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`diemcau.${name}`);
    else localStorage.setItem(`diemcau.${name}`, value);
  } catch {
    // Storage is refused or full: the page works on without the memory.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`diemcau.${name}`);
  } catch {
    return null;
  }
}

/** A fresh UUID. `randomUUID` is missing on plain-http addresses other than this machine, as in a commune's own network. */
export function makeKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
