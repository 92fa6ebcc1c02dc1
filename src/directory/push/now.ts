/**
 * SQL: the present time to the millisecond. What is stored is then what is answered and what a search compares:
 * JavaScript's Date holds no more.
 */
export const NOW = `date_trunc('milliseconds', now())`;
