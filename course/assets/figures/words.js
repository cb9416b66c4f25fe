// Numbers as readers see them: thousands with a comma, a space before the unit that never breaks.

const SPACE = "\u00a0";

/** 12345.6 -> "12,346"; with digits 1: "12,345.6". Halves go up, as in `toFixed`. */
export function number(value, digits = 0) {
  const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const told = rest ? `${grouped}.${rest}` : grouped;
  return value < 0 && Number(told.replace(/,/g, "")) !== 0 ? `\u2212${told}` : told;
}

/** 0.125 -> "13 %"; with digits 1: "12.5 %". */
export function percent(share, digits = 0) {
  return `${number(100 * share, digits)}${SPACE}%`;
}

/** A chance: never 0 % or 100 % unless it is. */
export function chance(share) {
  if (share > 0 && share < 0.001) return `under 0.1${SPACE}%`;
  if (share < 1 && share > 0.999) return `over 99.9${SPACE}%`;
  const few = (share > 0 && share < 0.0995) || (share > 0.9905 && share < 1);
  return percent(share, few ? 1 : 0);
}

/** A p-value: two digits that count, not below 0.001. */
export function pValue(p) {
  if (p < 0.001) return "under 0.001";
  return p < 0.0995 ? p.toFixed(3) : p.toFixed(2);
}

/** Thousands of rupiah: 2136 -> "Rp 2.1 million", 60 -> "Rp 60,000". */
export function rupiah(thousands) {
  const sign = thousands < 0 && Math.abs(thousands) >= 0.5 ? "\u2212" : "";
  const size = Math.abs(thousands);
  if (size >= 999.5) return `${sign}Rp${SPACE}${number(size / 1000, 1)} million`;
  return `${sign}Rp${SPACE}${Math.round(size) ? `${number(Math.round(size))},000` : "0"}`;
}

/** 1 -> "1 week", 3 -> "3 weeks". */
export function count(amount, one, many = `${one}s`) {
  return `${number(amount)}${SPACE}${amount === 1 ? one : many}`;
}

/** Keep a number and its unit, or "p" and its number, on one line. */
export function kept(text) {
  return text.replace(/(\d) (%|SD\b)/g, `$1${SPACE}$2`).replace(/\bp (?=[\du])/g, `p${SPACE}`);
}

/** 12 -> "¹²", for powers. */
export function raised(power) {
  return String(power).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
}

/** "a of 100", never rounding a few to none or to all: 0.004 -> "fewer than 1 of 100". */
export function ofHundred(share) {
  const rounded = Math.round(100 * share);
  if (share > 0 && rounded === 0) return "fewer than 1";
  if (share < 1 && rounded === 100) return "more than 99";
  return String(rounded);
}
