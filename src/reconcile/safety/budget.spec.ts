import { describe, expect, it } from 'vitest';
import { budgetAllows } from './index.js';

const budget = { count: 10, share: 0.2 };

describe('the safety budget', () => {
  it('allows everything when it is off', () => {
    expect(budgetAllows({ lossesInWindow: 1e6, linkedUsers: 1, budget: undefined }, 1e6)).toBe(true);
  });

  it('allows plans without losses even when it is used up', () => {
    expect(budgetAllows({ lossesInWindow: 99, linkedUsers: 0, budget }, 0)).toBe(true);
  });

  it('goes by the count in small deployments, to the last', () => {
    expect(budgetAllows({ lossesInWindow: 9, linkedUsers: 20, budget }, 1)).toBe(true);
    expect(budgetAllows({ lossesInWindow: 10, linkedUsers: 20, budget }, 1)).toBe(false);
    expect(budgetAllows({ lossesInWindow: 0, linkedUsers: 0, budget }, 10)).toBe(true);
    expect(budgetAllows({ lossesInWindow: 0, linkedUsers: 0, budget }, 11)).toBe(false);
  });

  it('goes by the share in large ones, to the last', () => {
    expect(budgetAllows({ lossesInWindow: 150, linkedUsers: 1000, budget }, 50)).toBe(true);
    expect(budgetAllows({ lossesInWindow: 150, linkedUsers: 1000, budget }, 51)).toBe(false);
  });

  it('rounds the share down, but not by an error of binary fractions', () => {
    const share = { count: 0, share: 0.29 };
    expect(budgetAllows({ lossesInWindow: 0, linkedUsers: 100, budget: share }, 29)).toBe(true);
    expect(budgetAllows({ lossesInWindow: 0, linkedUsers: 102, budget: share }, 30)).toBe(false);
  });

  it('can forbid every loss', () => {
    expect(budgetAllows({ lossesInWindow: 0, linkedUsers: 500, budget: { count: 0, share: 0 } }, 1)).toBe(
      false,
    );
  });
});
