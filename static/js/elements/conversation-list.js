// <conversation-list> marks the row of the conversation that stands open beside it, tells the server which one
// that is when it fetches itself and how many rows it shows, and gives the focus back if a row moved under it.

class ConversationList extends HTMLElement {
  #focused
  #shown = 0
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.addEventListener("htmx:config:request", ({ target, detail }) => {
      if (target !== this) return
      detail.ctx.request.body.set("current", this.#current ?? "")
      detail.ctx.request.body.set("shown", this.#rows.length)
    }, { signal })
    this.addEventListener("htmx:before:swap", () => this.#remember(), { signal })
    document.addEventListener("htmx:after:swap", () => this.#settle(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #current() {
    return document.querySelector("[data-pane]")?.dataset.pane
  }

  get #rows() {
    return [...this.querySelectorAll("a[data-row]")]
  }

  #remember() {
    this.#focused = this.contains(document.activeElement) && document.activeElement.id
    this.#shown = this.#rows.length
  }

  #settle() {
    for (const row of this.#rows) {
      if (row.dataset.row === this.#current) row.setAttribute("aria-current", "page")
      else row.removeAttribute("aria-current")
    }
    if (this.#focused && document.activeElement === document.body) {
      const place = this.#focused === "more-rows" ? this.#rows[this.#shown] : document.getElementById(this.#focused)
      const next = place ?? this.#rows[0]
      next?.focus({ preventScroll: true })
    }
    this.#focused = undefined
  }
}

customElements.define("conversation-list", ConversationList)
