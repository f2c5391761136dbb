// The history of the bot: every change can be undone and redone.

/** The most states that are kept. */
const MOST = 500;

/** Changes of one field are undone together if they follow each other within this time, in ms. */
const TOGETHER = 1000;

export class History {
  /** `take` returns the state of the bot; `put` restores one, and gets the one that is left. */
  constructor(take, put) {
    this.take = take;
    this.put = put;
    this.past = [];
    this.future = [];
    this.now = take();
    this.last = { what: null, at: 0 };
  }

  /**
   * Records a change. `what` names the field if only one was changed; `follows` says that the change is a consequence of the
   * last one to that field, and is undone with it.
   */
  record(what = null, follows = false) {
    const at = performance.now();
    const goesOn = what !== null && what === this.last.what && (follows || at - this.last.at < TOGETHER);
    if (!goesOn) {
      this.past.push(this.now);
      this.past.splice(0, this.past.length - MOST);
    }
    this.future = [];
    this.now = this.take();
    this.last = { what, at };
  }

  undo() {
    this.move(this.past, this.future);
  }

  redo() {
    this.move(this.future, this.past);
  }

  /** Takes a state from one list, and adds the present one to the other. */
  move(from, to) {
    if (from.length > 0) {
      const left = this.now;
      to.push(left);
      this.now = from.pop();
      this.last.what = null;
      this.put(this.now, left);
    }
  }
}
