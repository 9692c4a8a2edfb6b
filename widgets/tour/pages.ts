/** Which page a step of a tour belongs to. */
const WITHOUT_SLASH = /(.)\/$/;

/** `*` spans slashes, the pattern covers the whole path, a trailing slash does not count: as in the rules. */
export function isOn(pattern: string | null, path: string): boolean {
  if (pattern === null) return true;
  const parts = pattern.replace(WITHOUT_SLASH, "$1").split("*");
  const whole = path.replace(WITHOUT_SLASH, "$1");
  const last = parts.pop()!;
  if (!parts.length) return whole === last;
  // Found from left to right without going back, so that no pattern can take long.
  let at = 0;
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place]!;
    const found = place ? whole.indexOf(part, at) : whole.startsWith(part) ? 0 : -1;
    if (found < 0) return false;
    at = found + part.length;
  }
  return whole.length - last.length >= at && whole.endsWith(last);
}
