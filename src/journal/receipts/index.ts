export { NoReceipt, type Receipt, type ReceiptPush, type ReceiptStep } from './model.js';
export { readReceipt } from './reader.js';
export { findPerson, type PersonRow } from './people.js';
