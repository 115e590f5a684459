import { isDatabaseDown } from "@/lib/kernel/errors";
import { GroupWriter } from "@/lib/kernel/group-writer";

type Slot<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

/**
 * Calls that are made alone and answered in groups: one group at a time, and whatever comes while it is under way is the
 * next one. So a hundred callers at once cost two transactions, and a single one waits for nobody.
 * @param callGroup one result per item, in order. When it fails for several, each is tried alone, so that no caller gets
 *   another's error; unless the database is away, which is everybody's error.
 */
export class GroupedCalls<T, R> {
  private readonly writer = new GroupWriter<Slot<T, R>>((slots) => this.answer(slots));

  constructor(private readonly callGroup: (items: T[]) => Promise<R[]>) {}

  call(item: T): Promise<R> {
    return new Promise((resolve, reject) => void this.writer.add({ item, resolve, reject }));
  }

  /** Never throws: every caller hears of its own item. */
  private async answer(slots: Slot<T, R>[]): Promise<void> {
    try {
      const results = await this.callGroup(slots.map((slot) => slot.item));
      for (const [i, slot] of slots.entries()) slot.resolve(results[i]!);
    } catch (error) {
      if (slots.length > 1 && !isDatabaseDown(error)) for (const slot of slots) await this.answer([slot]);
      else for (const slot of slots) slot.reject(error);
    }
  }
}
