// Random numbers that are the same here and in scripts/figures/numbers/stream.py: a counter goes
// through a 32-bit mixer, so number i of a stream can be had without the ones before it.
// Idea: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014 (a counter in
// steps of the golden ratio, then a mixer). Mixer: C. Wellons, "Prospecting for hash functions", 2018.

const GOLDEN = 0x9e3779b9;
const RANGE = 4294967296;

/** Mix 32 bits; one to one. */
export function mix(bits) {
  let x = bits >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Name a stream: its number within a seed. */
export function stream(seed, number) {
  return mix(mix(seed) + number + 1);
}

/** Number `index` of a stream, between 0 and 1, never either. */
export function uniform(key, index) {
  return (mix(key + Math.imul(index + 1, GOLDEN)) + 0.5) / RANGE;
}

/** `count` standard normal numbers (Box and Muller, 1958): two of them from two uniform ones. */
export function normals(key, count) {
  const drawn = new Float64Array(count);
  for (let at = 0; at < count; at += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(key, at)));
    const angle = 2 * Math.PI * uniform(key, at + 1);
    drawn[at] = radius * Math.cos(angle);
    if (at + 1 < count) drawn[at + 1] = radius * Math.sin(angle);
  }
  return drawn;
}
