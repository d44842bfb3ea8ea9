// <key-bindings> gives keys to what stands on the page: the key "t" presses or focuses [data-key="t"].
// j and k open the next and the previous [data-row]. Keys sleep while somebody types or a dialog is open.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]"

class KeyBindings extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    this.#leaving = new AbortController()
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal: this.#leaving.signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
    if (event.key === "Escape" && event.target.matches("textarea")) return event.target.blur()
    if (event.target.matches(TYPING) || document.querySelector("dialog[open]")) return
    const place = this.#row(event.key) ?? document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    if (!place) return
    event.preventDefault()
    if (!place.checkVisibility()) place.closest("[popover]")?.showPopover()
    place.focus()
    if (!place.matches(TYPING)) place.click()
  }

  #row(key) {
    const step = { j: 1, k: -1 }[key]
    if (!step) return null
    const rows = [...document.querySelectorAll("[data-row]")]
    const current = rows.findIndex((row) => row.ariaCurrent === "page")
    return rows[current === -1 ? 0 : Math.min(Math.max(current + step, 0), rows.length - 1)]
  }
}

customElements.define("key-bindings", KeyBindings)
