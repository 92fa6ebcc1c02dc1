import type { ExplainedFact, FactSource } from './explanation.js';

type Kind = ExplainedFact['kind'];

interface Collected {
  readonly kind: Kind;
  readonly name: string;
  readonly organization: string | null;
  inCoder: boolean;
  readonly sources: FactSource[];
  why: string | null;
}

/** What the facts of a person are gathered in: stated ones and seen ones. */
export class Facts {
  private readonly facts = new Map<string, Collected>();

  /** @param key tells the fact from others of its kind: Coder's id, or a name */
  state(
    fact: Pick<ExplainedFact, 'kind' | 'name' | 'organization'>,
    key: string,
    source: FactSource,
    why: string | null = null,
  ): void {
    const known = this.at(fact, key);
    known.sources.push(source);
    known.why ??= why;
  }

  see(fact: Pick<ExplainedFact, 'kind' | 'name' | 'organization'>, key: string): void {
    this.at(fact, key).inCoder = true;
  }

  /**
   * @param account whether there is one to be asked about
   * @param missing why a fact that is stated is not there, where nothing better is known
   * @param unstated why one that nobody states is there
   */
  all(
    account: boolean,
    missing: string,
    unstated: (fact: Pick<ExplainedFact, 'kind' | 'name'>) => string,
  ): ExplainedFact[] {
    return [...this.facts.values()].map((fact) => {
      const { kind, name, organization, sources } = fact;
      const why = fact.inCoder ? (sources.length === 0 ? unstated(fact) : null) : (fact.why ?? missing);
      return { kind, name, organization, inCoder: account ? fact.inCoder : null, sources, why };
    });
  }

  private at(
    { kind, name, organization }: Pick<ExplainedFact, 'kind' | 'name' | 'organization'>,
    key: string,
  ) {
    const id = JSON.stringify([kind, organization, key]);
    const known = this.facts.get(id) ?? { kind, name, organization, inCoder: false, sources: [], why: null };
    this.facts.set(id, known);
    return known;
  }
}
