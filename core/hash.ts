/**
 * A 32-bit hash of a text: FNV-1a over its UTF-16 units, then murmur3's finaliser, so that
 * texts that differ in one character differ in about half the bits.
 *
 * @returns an integer in [0, 2^32)
 *
 * Source: Fowler, Noll and Vo, FNV-1a; A. Appleby, MurmurHash3 `fmix32`.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return finalise(hash);
}

/**
 * A 64-bit hash of a text as 16 hexadecimal digits: a name for content, not a secret.
 * Collisions among a million contents have a chance of about 3e-8.
 */
export function hashText(text: string): string {
  const part = (salt: string) =>
    hash32(salt + text)
      .toString(16)
      .padStart(8, "0");
  return part("a:") + part("b:");
}

function finalise(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
