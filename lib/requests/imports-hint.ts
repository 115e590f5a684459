/**
 * Whether a paste may hold more than an input: a quick look before the text goes anywhere. Whatever `readPasted` finds a
 * request in, says yes here; so may other texts, which `readPasted` then calls plain.
 */
export function mayHoldRequest(text: string): boolean {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return /curl|\(/.test(text);
  return /"(?:input|tests|log|request)"|[{,]\s*['\w$/#]/.test(text);
}
