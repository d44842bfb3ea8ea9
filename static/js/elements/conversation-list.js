// <conversation-list data-mark="…"> marks the row of the conversation that stands open beside it, tells the server which one
// that is when it fetches itself and how many rows it shows, and gives the focus back if a row moved under it. A row that
// says she is mentioned ([data-mention]) does so until she has read it: once it is before her, the list is fetched anew.
// Of the list that it shows it knows the mark, and says it when it asks: the same one is not sent again.

const READ_BY_THEN = 1_000 // milliseconds

class ConversationList extends HTMLElement {
  #focused
  #shown = 0
  #reading
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.addEventListener("htmx:config:request", ({ target, detail }) => {
      if (target !== this) return
      detail.ctx.request.body.set("current", this.#current ?? "")
      detail.ctx.request.body.set("shown", this.#rows.length)
      detail.ctx.request.headers["List-Mark"] = this.dataset.mark
    }, { signal })
    this.addEventListener("htmx:before:swap", ({ target, detail }) => {
      if (target === this) this.dataset.mark = detail.ctx.response.headers.get("List-Mark")
      this.#remember()
    }, { signal })
    document.addEventListener("htmx:after:swap", () => this.#settle(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#reading)
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
    clearTimeout(this.#reading)
    if (this.#readsMention) this.#reading = setTimeout(() => this.dispatchEvent(new CustomEvent("bell")), READ_BY_THEN)
  }

  get #readsMention() {
    return this.querySelector("[aria-current=page] [data-mention]") && !document.querySelector(".conversation[data-part]")
  }
}

customElements.define("conversation-list", ConversationList)
