export * from './ast.js';
export * from './holds.js';
export * from './literals.js';
export * from './matches.js';
export * from './parser.js';
export { faultOf, tokenize, type Fault, type Token } from './lexer.js';
