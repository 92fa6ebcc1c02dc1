import type { Profile } from '../state/switches.js';

/** `notIn` of routes that came between the releases of 2023 and October 2024. */
export const SINCE_2024: readonly Profile[] = ['s-old'];

/** `notIn` of routes that came by September 2025. */
export const SINCE_2025: readonly Profile[] = ['s-old', 's-new'];

/** `notIn` of routes that came in 2026. */
export const SINCE_2026: readonly Profile[] = ['s-old', 's-new', 'b25-legacy'];

/** `notIn` of routes that were there in 2024 only. */
export const ONLY_2024: readonly Profile[] = ['s-old', 'b25-legacy', 'n26-scim2'];
