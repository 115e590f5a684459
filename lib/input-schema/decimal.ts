/** Number as digits and a power of ten, exactly as JavaScript prints it. */
function decimal(value: number): { digits: bigint; exponent: number } {
  const [, sign, whole, fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(value),
  )!;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

/** Exact for the decimal spelling: 0.3 is a multiple of 0.1, which the division of floating numbers denies. */
export function isMultiple(value: number, step: number): boolean {
  if (!Number.isFinite(value) || !Number.isFinite(step) || step <= 0) return false;
  const a = decimal(value);
  const b = decimal(step);
  const low = Math.min(a.exponent, b.exponent);
  const scale = ({ digits, exponent }: typeof a) => digits * 10n ** BigInt(exponent - low);
  return scale(a) % scale(b) === 0n;
}
