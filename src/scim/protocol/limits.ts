/** Bounds on what a request may hold, so that no input costs more than its size. */
export const LIMITS = {
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024 * 1024,
  /** Levels of arrays and objects in a request body. */
  jsonDepth: 64,
  /** Characters of a filter, or of the path of a PATCH operation. */
  filterLength: 8 * 1024,
  /** Parentheses, `not` and value paths inside one another. */
  filterDepth: 32,
  /** Comparisons and operators in one filter. */
  filterNodes: 1_000,
  /** Characters of a string that is looked up by an index. */
  indexedString: 512,
  /** Bytes of a resource's document, members apart. */
  documentBytes: 256 * 1024,
  /** Values of a multi-valued attribute, members apart. */
  values: 1_000,
  /** PATCH operations on a document; each may cost a pass over `values`. */
  documentOperations: 1_000,
  /** PATCH operations of any kind: some clients send one for each member. */
  operations: 100_000,
  /** Operations in one bulk request, and the bytes of its body. */
  bulkOperations: 1_000,
  bulkBytes: 1024 * 1024,
  /** Resources on a page where `count` is absent, and at most. */
  defaultPage: 100,
  maxPage: 1_000,
  /** Seconds for which a cursor is good (RFC 9865 section 4). */
  cursorSeconds: 3_600,
  /** Characters of a cursor; those of the bridge are shorter. */
  cursorLength: 8 * 1024,
} as const;
