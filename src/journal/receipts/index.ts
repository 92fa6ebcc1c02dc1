export { NoReceipt, type Receipt, type ReceiptPush, type ReceiptStep } from './model.js';
export { readReceipt } from './reader.js';
