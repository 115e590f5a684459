export type Node = { name: string; references: readonly string[] };

/**
 * Tables in an order in which each comes after those that it references, so that foreign keys hold while they are
 * loaded. Stable: the same tables always give the same order. References to tables that are not in the list, or to the
 * table itself, do not count.
 * @throws Error when tables reference each other in a circle: such a schema needs another way of loading
 */
export function loadOrder<T extends Node>(tables: readonly T[]): T[] {
  const waiting = new Map(tables.map((table) => [table.name, table]));
  const ordered: T[] = [];
  while (waiting.size > 0) {
    const free = [...waiting.values()]
      .filter(({ name, references }) => references.every((other) => other === name || !waiting.has(other)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (free.length === 0)
      throw new Error(`These tables reference each other in a circle: ${[...waiting.keys()].join(", ")}`);
    for (const table of free) waiting.delete(table.name);
    ordered.push(...free);
  }
  return ordered;
}
