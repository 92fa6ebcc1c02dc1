import type { TableChange, TableName, Tables } from './tables.js';

/** The maps of {@link Tables}, in the order in which rows came. */
export class TableStore {
  private readonly maps = new Map<TableName, Map<string, unknown>>();

  rows<K extends TableName>(table: K): Tables[K][] {
    return [...this.map(table).values()];
  }

  entries<K extends TableName>(table: K): [string, Tables[K]][] {
    return [...this.map(table)];
  }

  get<K extends TableName>(table: K, id: string): Tables[K] | undefined {
    return this.map(table).get(id);
  }

  size(table: TableName): number {
    return this.maps.get(table)?.size ?? 0;
  }

  take([, table, id, row]: TableChange): void {
    if (row === null) this.map(table).delete(id);
    else this.map<TableName>(table).set(id, row);
  }

  /** The changes that make these tables out of empty ones. */
  *snapshot(): Generator<TableChange> {
    for (const [table, rows] of this.maps) {
      for (const [id, row] of rows) yield ['row', table, id, row] as TableChange;
    }
  }

  private map<K extends TableName>(table: K): Map<string, Tables[K]> {
    let map = this.maps.get(table);
    if (!map) this.maps.set(table, (map = new Map<string, unknown>()));
    return map as Map<string, Tables[K]>;
  }
}
