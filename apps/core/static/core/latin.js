/** Which key of ours was pressed, on whatever keyboard: ours are named by what a Latin one writes. */

/** Digits of other scripts, of which each is ten in a row; where each begins. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6];
const SIGNS = new Map([["\u061f", "?"]]);
const LAST_LATIN = 0x24f;

/**
 * Returns the key's name as the lists of keys have it: what it writes where that is Latin or a digit of any script, else
 * what stands at its place on a Latin keyboard.
 * @param {{key: string, code?: string, shiftKey?: boolean}} event
 */
export function latin({ key, code = "", shiftKey = false }) {
  const point = key.codePointAt(0) ?? 0;
  if ([...key].length !== 1 || point <= LAST_LATIN) return key;
  const zero = ZEROS.find((first) => point >= first && point < first + 10);
  if (zero !== undefined) return String(point - zero);
  if (SIGNS.has(key)) return SIGNS.get(key) ?? key;
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code) && !shiftKey) return code.slice(-1);
  return key;
}
