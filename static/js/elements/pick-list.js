// <pick-list popover sign="/"> is a list of words to put into the field of its form: ready words, colleagues' names. It is
// opened by its button or by its sign at the start of a word. One types to search, arrows move, Enter takes, Escape goes
// back to the words. It is a combobox after ARIA's practices: the focus stays in the field, which names the option that
// Enter would take.

class PickList extends HTMLElement {
  #leaving = new AbortController()
  #signed = false

  connectedCallback() {
    this.#leaving = new AbortController()
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.#leaving.signal })
    on(this.#words, "input", (event) => this.#typed(event))
    on(this, "toggle", ({ newState }) => (newState === "open" ? this.#opened() : (this.#signed = false)))
    on(this, "htmx:after:swap", () => this.#filter())
    on(this.#search, "input", () => this.#filter())
    on(this.#search, "keydown", (event) => this.#pressed(event))
    on(this.#list, "click", ({ target }) => this.#take(target.closest("[role=option]")))
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #words() {
    return this.closest("form").querySelector("textarea")
  }

  get #search() {
    return this.querySelector("input")
  }

  get #list() {
    return this.querySelector("[role=listbox]")
  }

  get #options() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")]
  }

  get #sign() {
    return this.getAttribute("sign")
  }

  // Only a sign that was typed: a pasted address or date opens nothing.
  #typed({ data, inputType, target }) {
    if (data !== this.#sign || inputType !== "insertText") return
    const before = target.value.slice(0, target.selectionStart - 1)
    if (before && !/\s$/.test(before)) return
    this.#signed = true
    this.closest("form").querySelector(`[popovertarget="${this.id}"]`).click() // so that it stands beside its button
  }

  #opened() {
    this.#search.value = ""
    this.#filter()
    this.#search.focus()
    this.#list.dispatchEvent(new CustomEvent("wanted"))
  }

  #filter() {
    const wanted = plain(this.#search.value).split(/\s+/).filter(Boolean)
    const all = [...this.querySelectorAll("[role=option]")]
    for (const option of all) option.hidden = !wanted.every((word) => plain(option.textContent).includes(word))
    const found = this.#options
    this.querySelector("[data-none]").hidden = all.length === 0 || found.length > 0
    this.#mark(found[0])
  }

  #mark(option) {
    for (const other of this.querySelectorAll("[aria-selected=true]")) other.ariaSelected = "false"
    if (option) option.ariaSelected = "true"
    this.#search.setAttribute("aria-activedescendant", option?.id ?? "")
    option?.scrollIntoView({ block: "nearest" })
  }

  #pressed(event) {
    const found = this.#options
    const at = found.findIndex((option) => option.ariaSelected === "true")
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key]
    if (event.key === "Enter") this.#take(found[at])
    else if (event.key === "Backspace" && !this.#search.value) this.hidePopover()
    else if (to !== undefined && found.length) this.#mark(found[(to + found.length) % found.length])
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // In the place of the sign that asked for them; the first field that is still empty is marked, to be typed over.
  #take(option) {
    if (!option) return
    const field = this.#words
    const sign = this.#signed && field.value[field.selectionStart - 1] === this.#sign ? 1 : 0
    this.hidePopover()
    field.focus()
    const begins = field.selectionStart - sign
    field.setRangeText(option.dataset.body, begins, field.selectionEnd, "end")
    const missing = option.dataset.missing?.split(", ")[0]
    const hole = missing ? field.value.indexOf(missing, begins) : -1
    if (hole >= 0) field.setSelectionRange(hole, hole + missing.length)
    field.dispatchEvent(new Event("input", { bubbles: true }))
  }
}

// In small letters and without accents, as a search takes them.
function plain(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
}

customElements.define("pick-list", PickList)
