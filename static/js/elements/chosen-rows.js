// <chosen-rows> lets somebody choose several rows of the list that it stands in, and sends what they said when they
// were chosen (the value of each row's box) with every form[data-several] in it.
//
// The button [data-choose], the key x, or a shift-click begins; then a click chooses, and with shift all from the last
// one on. j and k go from row to row without opening it. Escape, or [data-let-go], ends it.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]"

class ChosenRows extends HTMLElement {
  #chosen = new Map() // what each said when it was chosen, by the id of its row
  #isOn = false
  #last // the id of the row that was chosen or let go of last
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    const { signal } = this.#leaving
    this.#list.addEventListener("click", (event) => this.#clicked(event), { signal, capture: true })
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal, capture: true })
    document.addEventListener("htmx:after:swap", ({ detail }) => this.#arrived(detail.ctx), { signal })
    this.addEventListener("htmx:config:request", (event) => this.#ask(event), { signal })
    this.#draw()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #list() {
    return this.closest("conversation-list")
  }

  get #rows() {
    return [...this.#list.querySelectorAll("[data-choice]")]
  }

  #clicked(event) {
    if (event.target.closest("[data-choose]")) return this.#isOn ? this.#letGo() : this.#begin()
    if (event.target.closest("[data-let-go]")) return this.#letGo()
    const row = event.target.closest("[data-choice]")
    if (!row || event.ctrlKey || event.metaKey) return
    const isBox = event.target.matches("input")
    const isPointed = event.detail > 0 && (this.#isOn || event.shiftKey) // a key that "clicks" opens it
    if (!isBox && !isPointed) return
    if (!isBox) event.preventDefault()
    event.stopPropagation()
    this.#choose(event.shiftKey ? this.#upTo(row) : [row], isBox ? event.target.checked : !this.#chosen.has(row.id))
  }

  // All rows between the last one and this one; without a last one, from the one that stands open.
  #upTo(row) {
    const rows = this.#rows
    const from = rows.findIndex(({ id }) => id === this.#last)
    const ends = [from === -1 ? rows.findIndex((one) => one.querySelector("[aria-current]")) : from, rows.indexOf(row)]
    if (ends[0] === -1) return [row]
    return rows.slice(Math.min(...ends), Math.max(...ends) + 1)
  }

  #choose(rows, isChosen) {
    this.#isOn = true
    for (const row of rows) {
      if (!isChosen) this.#chosen.delete(row.id)
      else if (!this.#chosen.has(row.id) && this.#chosen.size < this.dataset.most) {
        this.#chosen.set(row.id, row.querySelector("input").value)
      }
    }
    this.#last = rows.at(-1).id
    this.#draw()
  }

  #pressed(event) {
    const { target, key } = event
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
    if (target.matches(TYPING) || document.querySelector("dialog[open], :popover-open")) return
    const row = this.#rows.find((one) => one.contains(target)) ?? this.#rows.find((one) => one.querySelector("[aria-current]"))
    if (key === "x") this.#toggle(row ?? this.#rows[0])
    else if (key === "Escape" && this.#isOn) this.#letGo()
    else if (this.#isOn && "jk".includes(key)) this.#step(row, key === "j" ? 1 : -1)
    else return
    event.preventDefault()
  }

  #toggle(row) {
    if (!row) return
    this.#choose([row], !this.#chosen.has(row.id))
    row.querySelector("a").focus()
  }

  #step(row, by) {
    const rows = this.#rows
    const next = row ? rows.indexOf(row) + by : 0
    rows[Math.min(Math.max(next, 0), rows.length - 1)]?.querySelector("a").focus()
  }

  #begin() {
    this.#isOn = true
    this.#draw()
  }

  #letGo() {
    const hadFocus = this.contains(document.activeElement) || document.activeElement.matches("[data-choice] input")
    this.#isOn = false
    this.#chosen.clear()
    this.#last = undefined
    if (hadFocus) this.#list.querySelector("[data-choose]")?.focus()
    this.#draw()
  }

  #ask({ target, detail: { ctx } }) {
    if (!target.matches("form[data-several]")) return
    for (const value of this.#chosen.values()) ctx.request.body.append("chosen", value)
  }

  // An answer says what became of them: the list is asked for anew, as if it had been rung for.
  #arrived(ctx) {
    if (ctx.target?.id === "several-done") {
      document.querySelector(":popover-open")?.hidePopover()
      if (document.activeElement === document.body) this.#list.querySelector("[data-choose]")?.focus()
      if (ctx.response.status === 200) this.#list.dispatchEvent(new CustomEvent("bell"))
      if (ctx.response.status === 200 && ctx.sourceElement.matches("form[data-several]")) this.#letGo()
    }
    this.#draw()
  }

  #draw() {
    this.#list.toggleAttribute("data-choosing", this.#isOn)
    for (const row of this.#rows) row.querySelector("input").checked = this.#chosen.has(row.id)
    const choose = this.#list.querySelector("[data-choose]")
    if (choose) choose.ariaPressed = this.#isOn
    this.querySelector("[data-bar]").hidden = !this.#isOn
    this.querySelector("[data-count]").textContent = this.#chosen.size
    this.querySelector("[data-full]").hidden = this.#chosen.size < this.dataset.most
    for (const button of this.querySelectorAll("[data-act]")) {
      button.disabled = !this.#chosen.size
      if (this.#chosen.size) button.dataset.key = button.dataset.act
      else delete button.dataset.key
    }
  }
}

customElements.define("chosen-rows", ChosenRows)
