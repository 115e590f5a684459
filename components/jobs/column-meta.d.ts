import "@tanstack/react-table";

declare module "@tanstack/react-table" {
  /** Where a cell stands in the row's grid: below 768 px a row is two lines, above one line of columns. */
  interface ColumnMeta<TData, TValue> {
    className?: string;
  }
}
