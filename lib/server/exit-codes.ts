/** What the command line and the roles end with; shown by `jobdeck --help`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** sysexits.h EX_CONFIG: starting again does not help until a person changes the settings. */
  configuration: 78,
} as const;
