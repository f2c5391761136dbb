// Follows the events of a run, and reconnects if the connection is lost or the user signs in again.

/** The pause before a reconnect, in ms. */
const PAUSE = 1500;

export class Follower {
  /**
   * Follows the run `id`, whose first `known` entries the page has. `page` has `entry` and `ended`, which get the data of
   * the events, and `connection`, which gets `connected`, `disconnected` or `signed-out`. For a queued run, it has `state`,
   * which gets how far the run is, and `restarted`, as its log is empty when it begins anew; `attempt` says which one it has.
   */
  constructor(id, known, page, attempt = null) {
    this.id = id;
    this.known = known;
    this.attempt = attempt;
    this.page = page;
    /** Who follows it: somebody else may sign in to this browser meanwhile. */
    this.user = document.querySelector(".user").textContent;
    this.isOver = false;
    this.source = null;
    this.timer = null;
  }

  connect() {
    this.disconnect();
    const attempt = this.attempt === null ? "" : `&attempt=${this.attempt}`;
    const source = new EventSource(`/runs/${this.id}/events?after=${this.known}${attempt}`);
    this.source = source;
    source.addEventListener("open", () => this.page.connection("connected"));
    source.addEventListener("entry", (event) => {
      const number = Number(event.lastEventId);
      if (number > this.known) {
        this.known = number;
        this.page.entry(JSON.parse(event.data));
      }
    });
    source.addEventListener("state", (event) => {
      const state = JSON.parse(event.data);
      if (state.attempt !== this.attempt) {
        this.attempt = state.attempt;
        this.known = 0;
        this.page.restarted();
      }
      this.page.state(state);
    });
    source.addEventListener("ended", (event) => {
      this.isOver = true;
      this.disconnect();
      this.page.ended(JSON.parse(event.data));
    });
    source.addEventListener("error", () => this.lost(source));
  }

  disconnect() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /** Browsers reconnect after a broken answer, but not after a failed request. */
  async lost(source) {
    if (source !== this.source || this.isOver) {
      return;
    }
    if (source.readyState !== EventSource.CLOSED) {
      this.page.connection("disconnected");
      return;
    }
    const state = await this.session();
    if (source !== this.source) {
      return;
    }
    if (state !== "connected") {
      this.page.connection(state);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (state === "connected" ? this.connect() : this.lost(source)), PAUSE);
  }

  /** Whether the user is signed in still, or again. */
  async session() {
    try {
      const answer = await fetch("/session", { redirect: "manual", headers: { "x-unattended": "1" } });
      // The redirect to the sign-in: nobody is signed in.
      const { user } = answer.ok ? await answer.json() : {};
      return user === this.user ? "connected" : answer.ok || answer.type === "opaqueredirect" ? "signed-out" : "disconnected";
    } catch {
      return "disconnected";
    }
  }
}
