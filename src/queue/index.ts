export * from './wake-ups.js';
