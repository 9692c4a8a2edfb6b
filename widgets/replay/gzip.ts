/**
 * Gzip of a text whose beginning is written last: which chunk of which recording it is, is known only when it is sent,
 * while the long rest was made small before. So the page's end, where nothing can be waited for, finds it done.
 */

const MOST_STORED = 65_535;
const POLYNOMIAL = 0xedb88320;
/** Magic number, deflate, no name, no time, unknown system (RFC 1952, 2.3). */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/** The end of a text, as a deflate stream that ends there. */
export interface Piece {
  deflated: Uint8Array<ArrayBuffer>;
  /** Of the text, in UTF-8. */
  crc: number;
  length: number;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let place = 0; place < bytes.length; place++) crc = TABLE[(crc ^ bytes[place]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The product of two polynomials modulo that of the CRC, bits in reverse. */
function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = 1 << 31; bit !== 0; bit >>>= 1) {
    if (a & bit) sum ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return sum >>> 0;
}

/** The CRC of two texts after each other, from those of both and the length of the second. */
function crcOfBoth(first: number, second: number, length: number): number {
  let power = 1 << 31;
  // x to the 8, for one byte; its squares are for 2, 4, 8 … bytes.
  let square = 1 << 23;
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2) power = product(square, power);
    square = product(square, square);
  }
  return (product(power, first) ^ second) >>> 0;
}

/** Blocks that are not made smaller (RFC 1951, 3.2.4). isLast: nothing follows them. */
function storedBlocks(bytes: Uint8Array, isLast: boolean): Uint8Array<ArrayBuffer> {
  const count = Math.max(1, Math.ceil(bytes.length / MOST_STORED));
  const out = new Uint8Array(bytes.length + count * 5);
  for (let block = 0, at = 0; block < count; block++) {
    const part = bytes.subarray(block * MOST_STORED, (block + 1) * MOST_STORED);
    const size = part.length;
    out.set([isLast && block === count - 1 ? 1 : 0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255], at);
    out.set(part, at + 5);
    at += size + 5;
  }
  return out;
}

export function canDeflate(): boolean {
  try {
    return new CompressionStream("deflate-raw") !== undefined;
  } catch {
    return false;
  }
}

/** Made small by the browser, besides the main thread. */
export async function deflated(text: string): Promise<Piece> {
  const bytes = new TextEncoder().encode(text);
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const small = await new Response(stream).arrayBuffer();
  return { deflated: new Uint8Array(small), crc: crcOf(bytes), length: bytes.length };
}

/** At once, and not made small. */
export function stored(text: string): Piece {
  const bytes = new TextEncoder().encode(text);
  return { deflated: storedBlocks(bytes, true), crc: crcOf(bytes), length: bytes.length };
}

/** The whole text in gzip: its beginning, and the rest. */
export function gzipOf(head: string, { deflated, crc, length }: Piece): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(head);
  const first = storedBlocks(bytes, false);
  const out = new Uint8Array(GZIP_HEADER.length + first.length + deflated.length + 8);
  out.set(GZIP_HEADER);
  out.set(first, GZIP_HEADER.length);
  out.set(deflated, GZIP_HEADER.length + first.length);
  const end = new DataView(out.buffer, out.length - 8);
  end.setUint32(0, crcOfBoth(crcOf(bytes), crc, length), true);
  end.setUint32(4, (bytes.length + length) >>> 0, true);
  return out;
}

/** As text, for storage. */
export function asText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export function asBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
