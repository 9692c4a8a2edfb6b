/** The server lets only such addresses through; this is the second lock on the same door. */
const SCHEMES = /^(https?|mailto|tel):$/;

/** The address as it was given, or undefined where it is none that may be opened. */
export function safeUrl(address: string): string | undefined {
  try {
    return SCHEMES.test(new URL(address, document.baseURI).protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** Another site opens in another tab; the page's own addresses in the same. */
export function linkTarget(address: string): { target?: "_blank"; rel?: "noopener" } {
  const { origin, protocol } = new URL(address, document.baseURI);
  return protocol.startsWith("http") && origin !== location.origin ? { target: "_blank", rel: "noopener" } : {};
}
