// <conversation-list> marks the row of the conversation that stands open beside it, tells the server which one
// that is when it fetches itself, and gives the focus back if a row moved under it.

class ConversationList extends HTMLElement {
  #focused
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.addEventListener("htmx:config:request", ({ target, detail }) => {
      if (target === this) detail.ctx.request.body.set("current", this.#current ?? "")
    }, { signal })
    this.addEventListener("htmx:before:swap", () => (this.#focused = this.contains(document.activeElement) && document.activeElement.id), { signal })
    document.addEventListener("htmx:after:swap", () => this.#settle(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #current() {
    return document.querySelector("[data-pane]")?.dataset.pane
  }

  #settle() {
    for (const row of this.querySelectorAll("a[data-row]")) {
      if (row.dataset.row === this.#current) row.setAttribute("aria-current", "page")
      else row.removeAttribute("aria-current")
    }
    if (this.#focused && document.activeElement === document.body) {
      document.getElementById(this.#focused)?.focus({ preventScroll: true })
    }
    this.#focused = undefined
  }
}

customElements.define("conversation-list", ConversationList)
