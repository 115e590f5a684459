/**
 * Writes items in groups: one write at a time, and whatever comes while it is going on is the next one. A burst becomes
 * one transaction, a single item waits for nobody.
 */
export class GroupWriter<T> {
  private waiting: T[] = [];
  private current: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(private readonly writeGroup: (items: T[]) => Promise<void>) {}

  get isBusy(): boolean {
    return this.current !== null || this.next !== null;
  }

  /** Resolves when the item is written. @throws what the write of its group threw. */
  add(item: T): Promise<void> {
    this.waiting.push(item);
    this.next ??= this.writeNext();
    return this.next;
  }

  private async writeNext(): Promise<void> {
    // The group before this one has told its own items of its failure.
    await this.current?.catch(() => {});
    const items = this.waiting.splice(0);
    this.next = null;
    const mine = this.writeGroup(items).finally(() => {
      if (this.current === mine) this.current = null;
    });
    this.current = mine;
    await mine;
  }
}
