export { budgetAllows, type BudgetState } from './budget.js';
export { guardGroup } from './guard-group.js';
export { guardUser } from './guard-user.js';
export { losses, lossesOf, lossesWithin, planHash, withoutLosses, type Losses } from './losses.js';
