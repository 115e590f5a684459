/** What of a very large text is still worth putting on the screen. */
const SHOWN_CHARACTERS = 20_000;

export const shownText = (text: string): { shown: string; isCut: boolean } =>
  text.length > SHOWN_CHARACTERS
    ? { shown: `${text.slice(0, SHOWN_CHARACTERS)}…`, isCut: true }
    : { shown: text, isCut: false };

export const CUT_WORDS = `The first ${SHOWN_CHARACTERS.toLocaleString("en")} characters are shown; copying takes all of it.`;
