/** What a person has to mend before the demo can run; a few lines, without a stack. */
export class CannotPlay extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotPlay';
  }
}
